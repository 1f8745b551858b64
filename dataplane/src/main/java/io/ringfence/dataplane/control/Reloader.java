package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import java.io.IOException;
import java.util.concurrent.Semaphore;

/**
 * Reads the configuration again when it is asked to, and has the dataplane change to it; one time after the other, on a
 * thread of its own. A request that comes meanwhile is carried out afterwards, several of them once. What came of it is told
 * to the operator.
 */
public final class Reloader implements AutoCloseable {
    /** Where the configuration is. */
    @FunctionalInterface
    public interface Source {
        /**
         * Reads it.
         *
         * @throws ConfigurationException if it cannot be read or anything in it is wrong
         */
        Configuration load() throws ConfigurationException;
    }

    private final Dataplane dataplane;
    private final Source source;
    private final Semaphore requests = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().name("ringfence-reload").daemon().unstarted(this::run);
    private volatile boolean closed;

    private Reloader(Dataplane dataplane, Source source) {
        this.dataplane = dataplane;
        this.source = source;
    }

    /** Waits for requests; workers that come later inherit the CPUs of the caller, which must be housekeeping ones. */
    public static Reloader start(Dataplane dataplane, Source source) {
        Reloader reloader = new Reloader(dataplane, source);
        reloader.thread.start();
        return reloader;
    }

    /** Asks for the configuration to be read again; returns at once. Any thread. */
    public void request() {
        requests.release();
    }

    private void run() {
        while (true) {
            requests.acquireUninterruptibly();
            if (closed) {
                return;
            }
            requests.drainPermits();
            reload();
        }
    }

    private void reload() {
        EventLog log = dataplane.log();
        try {
            dataplane.reload(source.load());
        } catch (ConfigurationException | ReloadRefusedException | IOException | RuntimeException | Error e) {
            // An Error, too: it would end the thread, and the next request would be in vain.
            String reason = switch (e) {
                case SocketRefusedException refused -> String.valueOf(refused.getMessage());
                case IOException bare -> bare.toString();
                default -> e.getMessage() == null ? e.toString() : e.getMessage();
            };
            log.warning(JournalledLog.HOST, "not reloaded, everything goes on as before; the reason:");
            reason.lines().map(String::strip).forEach(line -> log.warning(JournalledLog.HOST, line));
        }
    }

    /** Takes no more requests; one that is being carried out goes on, and {@link Dataplane#close} waits for it. */
    @Override
    public void close() {
        closed = true;
        requests.release();
    }
}
