package io.ringfence.bench.peer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What another JVM on this host does on request of the JDK's {@code jcmd}. Any thread. */
public final class Jcmd {
    private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)M");

    private final long pid;

    /** @param pid of the JVM, which runs as the same user */
    Jcmd(long pid) {
        this.pid = pid;
    }

    /**
     * Collects all garbage, now.
     *
     * @throws PeerException if it does not
     */
    public void collectGarbage() {
        ask("GC.run");
    }

    /**
     * Writes what its flight recording of this name has so far to a file.
     *
     * @throws PeerException if it does not
     */
    public void dumpRecording(String name, Path file) {
        ask("JFR.dump", "name=" + name, "filename=" + file);
    }

    /**
     * Bytes of the Java heap that are in use after a collection, in steps of a MiB; it collects first.
     *
     * @throws PeerException if it does not, or does not say how many
     */
    public long heapUsedBytes() {
        collectGarbage();
        String said = ask("GC.heap_info");
        Matcher used = HEAP_USED.matcher(said);
        if (!used.find()) {
            throw new PeerException("jcmd GC.heap_info said, without a number of MiB used: " + said);
        }
        return Long.parseLong(used.group(1)) << 20;
    }

    private String ask(String... words) {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        var command = new ArrayList<>(List.of(program, Long.toString(pid)));
        command.addAll(List.of(words));
        return ShortCommand.run(command);
    }
}
