package io.ringfence.interop;

import io.ringfence.bench.peer.Peer;
import io.ringfence.testing.Requirement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The decision behind {@link RequiresPeers}. */
final class RequiresPeersCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return context.getElement()
                .map(element -> element.getAnnotation(RequiresPeers.class))
                .map(required -> Requirement.condition(context.getDisplayName(), lacking(required.value())))
                .orElse(ConditionEvaluationResult.enabled("needs no peers"));
    }

    private static List<String> lacking(Peer[] peers) {
        var lacking = new ArrayList<String>();
        if (!Requirement.isRoot()) {
            lacking.add("needs root (huge pages, cpusets, SCHED_DEADLINE)");
        }
        for (Peer peer : peers) {
            List<String> missing = peer.missingPrograms();
            if (!missing.isEmpty()) {
                lacking.add("needs %s, install with: %s".formatted(String.join(", ", missing), peer.installCommand()));
            }
        }
        return lacking;
    }
}
