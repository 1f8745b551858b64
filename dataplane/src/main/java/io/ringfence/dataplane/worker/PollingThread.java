package io.ringfence.dataplane.worker;

import io.ringfence.scheduler.NativeThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One thread that does the work of several VMs in turns and never sleeps, as switches with a poll-mode thread do. What
 * Ringfence is compared with; nothing here protects one VM from another.
 */
public final class PollingThread {
    private final LinkedBlockingQueue<Worker> coming = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> threadId = new CompletableFuture<>();
    private final Thread thread = Thread.ofPlatform().name("polling").daemon().unstarted(this::run);

    /** Starts the thread, under the scheduling of its creator; it waits until it has something to do. */
    public static PollingThread start() {
        PollingThread polling = new PollingThread();
        polling.thread.start();
        return polling;
    }

    /** Takes over the work of a VM until its worker is stopped; returns the thread's kernel thread id. */
    int add(Worker worker) {
        coming.add(worker);
        return threadId.join();
    }

    private void run() {
        threadId.complete(NativeThread.currentId());
        try {
            while (true) {
                poll(coming.take());
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until none is left. */
    private void poll(Worker first) {
        List<Worker> workers = new ArrayList<>(List.of(first));
        while (!workers.isEmpty()) {
            for (int i = workers.size() - 1; i >= 0; i--) {
                if (!workers.get(i).turn()) {
                    workers.remove(i);
                }
            }
            if (!coming.isEmpty()) {
                coming.drainTo(workers); // takes a lock: not in every turn
            }
        }
    }
}
