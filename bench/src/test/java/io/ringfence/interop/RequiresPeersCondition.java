package io.ringfence.interop;

import io.ringfence.bench.peer.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The decision behind {@link RequiresPeers}. */
final class RequiresPeersCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return context.getElement()
                .map(element -> element.getAnnotation(RequiresPeers.class))
                .map(required -> decide(
                        context.getDisplayName(),
                        findings(required.value()),
                        Boolean.parseBoolean(System.getenv("CI"))))
                .orElse(ConditionEvaluationResult.enabled("needs no peers"));
    }

    /** Runs the tests if nothing is missing; else skips them, or fails them where skipping is not allowed. */
    static ConditionEvaluationResult decide(String tests, List<String> findings, boolean mustRun) {
        if (findings.isEmpty()) {
            return ConditionEvaluationResult.enabled("all peers are installed");
        }
        String message = "%s cannot run: %s".formatted(tests, String.join("; ", findings));
        if (mustRun) {
            throw new ExtensionConfigurationException(message + " (CI=true: interop tests must not be skipped)");
        }
        System.err.println("SKIPPED: " + message);
        return ConditionEvaluationResult.disabled(message);
    }

    private static List<String> findings(Peer[] peers) {
        var findings = new ArrayList<String>();
        if (!"root".equals(System.getProperty("user.name"))) {
            findings.add("they need root (huge pages, cpusets, SCHED_DEADLINE)");
        }
        for (Peer peer : peers) {
            List<String> missing = peer.missingPrograms();
            if (!missing.isEmpty()) {
                findings.add(
                        "%s not found, install with: %s".formatted(String.join(", ", missing), peer.installCommand()));
            }
        }
        return findings;
    }
}
