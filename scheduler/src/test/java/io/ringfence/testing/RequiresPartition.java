package io.ringfence.testing;

import io.ringfence.scheduler.CpuPartition;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For test classes that partition CPU 1, by turns; see {@link Requirement} for hosts that allow no partition. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({RequiresPartition.Condition.class, CpuTurn.class})
public @interface RequiresPartition {
    int CPU = 1;

    /** Decides by making a partition. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (context.getTestMethod().isPresent()) {
                return ConditionEvaluationResult.enabled("decided for the class");
            }
            return Requirement.condition(context.getDisplayName(), lacking());
        }

        private static List<String> lacking() {
            CpuTurn.Turn turn = CpuTurn.take();
            try {
                CpuPartition.create(CPU).close();
                return List.of();
            } catch (SchedulingRefusedException refused) {
                return List.of("needs a partition: " + refused.getMessage());
            } finally {
                turn.close();
            }
        }
    }
}
