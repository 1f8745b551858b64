package io.ringfence.bench.peer;

import java.time.Duration;
import java.util.List;

/** A system command that is over in moments and must succeed. */
final class ShortCommand {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private ShortCommand() {}

    /** Runs the command and returns what it printed. */
    static String run(List<String> command) {
        try (var process = PeerProcess.start(command.getFirst(), command)) {
            if (process.awaitExit(LIMIT) != 0) {
                throw process.failure("failed (command: %s)".formatted(String.join(" ", command)));
            }
            return process.outputFrom(0);
        }
    }
}
