package io.ringfence.dataplane.worker;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Where workers leave what the control plane is to do: acknowledgements and reports.
 *
 * <p>Any worker posts, without waiting; one control thread runs what was posted.
 */
public final class ControlInbox implements AutoCloseable {
    private static final int CAPACITY = 4096;

    private final ManyToOneConcurrentArrayQueue<Runnable> tasks = new ManyToOneConcurrentArrayQueue<>(CAPACITY);
    private final EventFd posted = EventFd.create();
    private final EventSet events = EventSet.create();
    private final Thread thread =
            Thread.ofPlatform().name("ringfence-control").daemon().unstarted(this::run);
    private volatile boolean closed;

    /** Starts the control thread. */
    public void start() {
        events.add(posted);
        thread.start();
    }

    /**
     * Leaves a task for the control thread; false if there is no room, because that thread is held up or reports come in
     * a storm.
     */
    public boolean post(Runnable task) {
        boolean accepted = tasks.offer(task);
        posted.signal();
        return accepted;
    }

    private void run() {
        while (!closed) {
            events.await(-1);
            Runnable task;
            while ((task = tasks.poll()) != null) {
                runOne(task);
            }
        }
    }

    private static void runOne(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            // One VM's trouble, a failed assertion of ours too, must not end the thread that all need.
            System.getLogger("ringfence").log(System.Logger.Level.ERROR, "a control task failed", e);
        }
    }

    /** Ends the control thread after what was posted so far. */
    @Override
    public void close() {
        closed = true;
        posted.signal();
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            events.close();
            posted.close();
        }
    }
}
