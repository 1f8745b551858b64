package io.ringfence.dataplane.control;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests that take CPU 1 as a dataplane CPU: they need root and two CPUs, and fail without them in CI. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresDataplaneCpu.Condition.class)
@interface RequiresDataplaneCpu {

    /** Looks at the host. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            boolean root = "root".equals(System.getProperty("user.name"));
            boolean twoCpus = Files.exists(Path.of("/sys/devices/system/cpu/cpu1"));
            if (root && twoCpus) {
                return ConditionEvaluationResult.enabled("root, and CPU 1 is there");
            }
            String reason = "SKIPPED " + context.getDisplayName() + ": needs root and two CPUs (root=" + root
                    + ", CPU 1 present=" + twoCpus + ")";
            if (Boolean.parseBoolean(System.getenv("CI"))) {
                throw new IllegalStateException(reason + "; CI must not skip it");
            }
            System.err.println(reason);
            return ConditionEvaluationResult.disabled(reason);
        }
    }
}
