package io.ringfence.bench.floor;

import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.vhostuser.backend.BackendEventLoop;
import io.ringfence.vhostuser.backend.VhostUserListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Joins pairs of guests by a copy on one polling thread: no lookup, no checks, nobody else to serve. What the generator
 * measures through it is what it, the rings and the caches cost; no switch can be seen to be faster.
 */
public final class FloorSwitch implements AutoCloseable {
    private final BackendEventLoop loop;
    private final List<VhostUserListener> listeners = new ArrayList<>();
    private final List<FloorPort> ports = new ArrayList<>();
    private final OptionalInt cpu;
    private final Thread thread;
    private volatile boolean closing;

    private FloorSwitch(List<Path> sockets, OptionalInt cpu) throws IOException {
        this.cpu = cpu;
        loop = BackendEventLoop.start(1);
        sockets.forEach(socket -> ports.add(new FloorPort()));
        thread = Thread.ofPlatform().daemon().name("floor").start(this::poll);
        try {
            for (int i = 0; i < sockets.size(); i++) {
                listeners.add(VhostUserListener.open(loop, sockets.get(i), ports.get(i)));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Listens on each socket; the guests of the first and the second are joined, those of the third and the fourth, and
     * so on.
     *
     * @param cpu for the polling thread; if empty it runs where there is room, and makes way for others
     * @throws IOException if a socket file cannot be created
     */
    public static FloorSwitch open(List<Path> sockets, OptionalInt cpu) throws IOException {
        if (sockets.size() % 2 != 0) {
            throw new IllegalArgumentException("%d sockets: expected pairs".formatted(sockets.size()));
        }
        return new FloorSwitch(sockets, cpu);
    }

    @SuppressWarnings("ThreadPriorityCheck") // without a CPU of its own, the guests may need this one
    private void poll() {
        if (cpu.isPresent()) {
            ThreadScheduling.pin(NativeThread.currentId(), cpu.getAsInt());
        }
        while (!closing) {
            for (int i = 0; i < ports.size(); i += 2) {
                FloorPort one = ports.get(i);
                FloorPort other = ports.get(i + 1);
                one.applyChanges();
                other.applyChanges();
                one.forwardTo(other);
                other.forwardTo(one);
            }
            if (cpu.isEmpty()) {
                Thread.yield();
            }
        }
    }

    /** Ends the sessions and the thread. */
    @Override
    public void close() {
        listeners.forEach(VhostUserListener::close);
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loop.close();
    }
}
