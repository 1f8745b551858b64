package io.ringfence.scheduler;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For test classes that partition CPU 1. They take turns with those of other modules through a lock file. Where the host
 * allows no partition they are skipped with the reason on stderr, or fail if the environment has CI=true.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresPartition.Condition.class)
public @interface RequiresPartition {
    int CPU = 1;

    /** Decides by making a partition, under the lock. */
    final class Condition implements ExecutionCondition, BeforeAllCallback {
        private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Condition.class);

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (context.getTestMethod().isPresent()) {
                return ConditionEvaluationResult.enabled("decided for the class");
            }
            Turn turn = Turn.take();
            try {
                CpuPartition.create(CPU).close();
                return ConditionEvaluationResult.enabled("CPU " + CPU + " can be partitioned");
            } catch (SchedulingRefusedException refused) {
                String reason = context.getDisplayName() + " needs a partition: " + refused.getMessage();
                if ("true".equals(System.getenv("CI"))) {
                    throw new IllegalStateException("not skipped because CI=true: " + reason, refused);
                }
                System.err.println("SKIPPED " + reason);
                return ConditionEvaluationResult.disabled(reason);
            } finally {
                turn.close();
            }
        }

        @Override
        public void beforeAll(ExtensionContext context) {
            context.getStore(NAMESPACE).put("turn", Turn.take());
        }
    }

    /** The right to partition CPU 1; JUnit closes it after the class. */
    record Turn(FileChannel file) implements AutoCloseable {
        static Turn take() {
            Path path = Path.of(System.getProperty("java.io.tmpdir"), "ringfence-cpu1.lock");
            try {
                FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                file.lock();
                return new Turn(file);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
