package io.ringfence.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits, on the calling thread, until something is so; fails with the stacks of all threads when the time is over. */
public final class Await {
    public static final Duration LIMIT = Duration.ofSeconds(30);

    private static final long SHORTEST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 100_000_000;

    private Await() {}

    /** Waits until something is so. */
    public static void until(String what, Callable<Boolean> condition) {
        within(LIMIT, () -> what, condition);
    }

    /** The same, with words that say how it stands when the time is over. */
    public static void until(Supplier<String> what, Callable<Boolean> condition) {
        within(LIMIT, what, condition);
    }

    /** The same, with a time limit of its own. */
    public static void within(Duration limit, Supplier<String> what, Callable<Boolean> condition) {
        await(limit, what, condition, Await::pause);
    }

    /** For conditions that do some of the work at each look, or hold for moments only: looks again at once. */
    public static void spinning(String what, Callable<Boolean> condition) {
        spinning(() -> what, condition);
    }

    /** The same, with words that say how it stands when the time is over. */
    public static void spinning(Supplier<String> what, Callable<Boolean> condition) {
        await(LIMIT, what, condition, _look -> Thread.onSpinWait());
    }

    /** What is done after a look that was in vain. */
    private interface Pause {
        void after(long lookNanos);
    }

    private static void await(Duration limit, Supplier<String> what, Callable<Boolean> condition, Pause pause) {
        long start = System.nanoTime();
        long look = start;
        while (!holds(what, condition)) {
            long now = System.nanoTime();
            if (now - start > limit.toNanos()) {
                throw new AssertionError("not within %s: %s%n%s".formatted(limit, what.get(), stacks()));
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted, and not yet: " + what.get());
            }
            pause.after(now - look);
            look = System.nanoTime();
        }
    }

    private static boolean holds(Supplier<String> what, Callable<Boolean> condition) {
        try {
            return condition.call();
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Exception failure) {
            throw new AssertionError("cannot look whether " + what.get(), failure);
        }
    }

    /** A dear look is taken rarely, for what is waited for may need the CPU itself. */
    private static void pause(long lookNanos) {
        LockSupport.parkNanos(Math.clamp(9 * lookNanos, SHORTEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS));
    }

    private static String stacks() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            text.append(thread.getName()).append('\n');
            for (StackTraceElement element : stack) {
                text.append("    ").append(element).append('\n');
            }
        });
        return text.toString();
    }
}
