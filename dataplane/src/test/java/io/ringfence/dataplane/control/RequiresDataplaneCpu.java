package io.ringfence.dataplane.control;

import io.ringfence.testing.CpuTurn;
import io.ringfence.testing.Requirement;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For test classes that take CPU 1 as a dataplane CPU, by turns: they need root and two CPUs. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({RequiresDataplaneCpu.Condition.class, CpuTurn.class})
@interface RequiresDataplaneCpu {

    /** Looks at the host. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            List<String> lacking = new ArrayList<>();
            if (!Requirement.isRoot()) {
                lacking.add("needs root");
            }
            if (!Files.exists(Path.of("/sys/devices/system/cpu/cpu1"))) {
                lacking.add("needs two CPUs");
            }
            return Requirement.condition(context.getDisplayName(), lacking);
        }
    }
}
