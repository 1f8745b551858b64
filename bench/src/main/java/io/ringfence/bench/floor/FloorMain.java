package io.ringfence.bench.floor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * The process of a floor switch, to be measured as others are.
 *
 * <p>Arguments: the CPU for the polling thread, and the sockets to listen on. It says {@code ready}, and ends with its
 * standard input or a line from there, so that it never outlives who started it.
 */
public final class FloorMain {
    private FloorMain() {}

    /** Runs until told to end; exit code 1 with the reason on standard error if it cannot. */
    public static void main(String[] arguments) {
        OptionalInt cpu = OptionalInt.of(Integer.parseInt(arguments[0]));
        List<Path> sockets = List.of(arguments).stream().skip(1).map(Path::of).toList();
        try {
            FloorSwitch joined = FloorSwitch.open(sockets, cpu);
            System.out.println("ready");
            int ignored = System.in.read();
            joined.close();
            System.exit(0);
        } catch (IOException | RuntimeException e) {
            e.printStackTrace(System.err);
            System.exit(1);
        }
    }
}
