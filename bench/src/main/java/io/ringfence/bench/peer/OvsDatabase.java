package io.ringfence.bench.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The configuration database of one Open vSwitch: an {@code ovsdb-server} of its own, with files in the switch's folder. */
final class OvsDatabase implements AutoCloseable {
    /** The files that it creates. */
    static final List<String> FILES = List.of("conf.db", ".conf.db.~lock~", "db.sock", "ovsdb.ctl");

    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");
    private static final String LIMIT_SECONDS = "30";
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final PeerProcess process;
    private final String address;

    private OvsDatabase(PeerProcess process, String address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Creates the database and serves it.
     *
     * @throws PeerException if it cannot be created, or does not answer
     */
    static OvsDatabase start(Path folder) {
        String file = folder.resolve("conf.db").toString();
        Path socket = folder.resolve("db.sock");
        ShortCommand.run(List.of("ovsdb-tool", "create", file, SCHEMA.toString()));
        OvsDatabase database = new OvsDatabase(
                PeerProcess.start(
                        "ovsdb-server",
                        List.of(
                                "ovsdb-server",
                                file,
                                "--remote=punix:" + socket,
                                "--unixctl=" + folder.resolve("ovsdb.ctl"),
                                "-vsyslog:off")),
                "unix:" + socket);
        try {
            // Tries until the server listens.
            database.control("--no-wait", "--retry", "init");
            return database;
        } catch (PeerException e) {
            database.close();
            throw e;
        }
    }

    /** Where the switch finds it, as Open vSwitch writes that. */
    String address() {
        return address;
    }

    /**
     * Changes the configuration; unless {@code --no-wait} is among the arguments, returns when the switch has taken it on.
     *
     * @param arguments of ovs-vsctl
     * @throws PeerException if the change is refused, or the switch could not carry it out
     */
    void control(String... arguments) {
        control(List.of(arguments));
    }

    /** The same with a list. */
    void control(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("ovs-vsctl", "--db=" + address, "--timeout=" + LIMIT_SECONDS));
        command.addAll(arguments);
        String printed = ShortCommand.run(command);
        // It says so and succeeds all the same.
        if (printed.contains("Error detected while setting up")) {
            throw new PeerException("Open vSwitch could not carry out \"%s\": %s"
                    .formatted(String.join(" ", arguments), printed.strip()));
        }
    }

    @Override
    public void close() {
        try (process) {
            if (process.isAlive()) {
                process.terminate(STOP_LIMIT);
            }
        } catch (PeerException e) {
            // It does not listen any more: try-with-resources has killed it.
        }
    }
}
