package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

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

    /** Who else wants to know of reloads; called by the thread that carries them out. */
    public interface Observer {
        /** One begins. */
        void begins();

        /**
         * It has ended.
         *
         * @param refusal why everything goes on as before, in a line or more; null if it was successful
         */
        void ended(@Nullable String refusal);
    }

    private static final Observer NOBODY = new Observer() {
        @Override
        public void begins() {}

        @Override
        public void ended(@Nullable String refusal) {}
    };

    private final Dataplane dataplane;
    private final Source source;
    private final Observer observer;
    private final Semaphore requests = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().name("ringfence-reload").daemon().unstarted(this::run);
    private volatile boolean closed;

    private Reloader(Dataplane dataplane, Source source, Observer observer) {
        this.dataplane = dataplane;
        this.source = source;
        this.observer = observer;
    }

    /** Waits for requests; workers that come later inherit the CPUs of the caller, which must be housekeeping ones. */
    public static Reloader start(Dataplane dataplane, Source source) {
        return start(dataplane, source, NOBODY);
    }

    /** The same, with somebody who is told of each reload. */
    public static Reloader start(Dataplane dataplane, Source source, Observer observer) {
        Reloader reloader = new Reloader(dataplane, source, observer);
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
            observer.begins();
            observer.ended(reload());
        }
    }

    /** Returns why it was refused, or null. */
    private @Nullable String reload() {
        EventLog log = dataplane.log();
        try {
            dataplane.reload(source.load());
            return null;
        } catch (DataplaneEndedException ended) {
            String reason = String.valueOf(ended.getMessage());
            log.event(JournalledLog.HOST, "not reloaded: " + reason);
            return reason;
        } catch (ConfigurationException | ReloadRefusedException | IOException | RuntimeException | Error e) {
            // An Error, too: it would end the thread, and the next request would be in vain.
            String reason = switch (e) {
                case SocketRefusedException refused -> String.valueOf(refused.getMessage());
                case IOException bare -> bare.toString();
                default -> e.getMessage() == null ? e.toString() : e.getMessage();
            };
            log.warning(JournalledLog.HOST, "not reloaded, everything goes on as before; the reason:");
            reason.lines().map(String::strip).forEach(line -> log.warning(JournalledLog.HOST, line));
            return reason;
        }
    }

    /** Takes no more requests; one that is being carried out goes on, and {@link Dataplane#close} waits for it. */
    @Override
    public void close() {
        closed = true;
        requests.release();
    }
}
