package io.ringfence.dataplane.path;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests that preempt others by SCHED_FIFO: they need root, and fail without it in CI. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresFifo.Condition.class)
@interface RequiresFifo {

    /** Looks at the user. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if ("root".equals(System.getProperty("user.name"))) {
                return ConditionEvaluationResult.enabled("root");
            }
            String reason = "SKIPPED " + context.getDisplayName() + ": SCHED_FIFO needs root";
            if (Boolean.parseBoolean(System.getenv("CI"))) {
                throw new IllegalStateException(reason + "; CI must not skip it");
            }
            System.err.println(reason);
            return ConditionEvaluationResult.disabled(reason);
        }
    }
}
