package io.ringfence.dataplane.cli;

import io.ringfence.dataplane.cli.log.LibraryLog;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cli.signal.StopSignal;
import java.time.Duration;
import java.util.logging.Logger;

/** Small programs that tests run in a JVM of their own. */
final class Programs {
    private Programs() {}

    /** The arguments name the program. */
    public static void main(String[] arguments) throws InterruptedException {
        switch (arguments[0]) {
            case "ends-well" -> waitForSignal(() -> System.out.println("ended"));
            case "fails-to-end" ->
                waitForSignal(() -> {
                    throw new IllegalStateException("a cpuset\nis busy");
                });
            case "hangs" -> waitForSignal(Programs::hang);
            case "ends-by-itself" -> {
                try (StopSignal signal = StopSignal.install()) {
                    signal.endsBy(() -> System.out.println("not to be called"));
                }
                System.exit(ExitCode.HOST_REFUSES);
            }
            case "logs" -> {
                LibraryLog.install();
                Logger.getLogger("some.library").info("of no interest");
                Logger.getLogger("some.library").warning("two\nlines");
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void waitForSignal(Runnable end) throws InterruptedException {
        try (StopSignal signal = StopSignal.install()) {
            signal.endsBy(end);
            System.out.println("waiting");
            StopSignal.await();
        }
    }

    private static void hang() {
        System.out.println("hanging");
        try {
            Thread.sleep(Duration.ofMinutes(10));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
