package io.ringfence.dataplane.control;

import io.ringfence.dataplane.worker.Worker;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.dataplane.worker.WorkerListener;
import io.ringfence.vhostuser.backend.Device;
import io.ringfence.vhostuser.backend.DeviceOffer;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.backend.RedoLogs;
import io.ringfence.vhostuser.backend.SessionControl;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One VM as its vhost-user session sees it: passes to each of the VM's workers its part of every state, the queue pairs whose
 * index modulo the number of workers is the worker's.
 *
 * <p>Called by the session's event loop and, for reports and acknowledgements, by the control thread.
 */
final class GuestDevice implements Device, WorkerListener {
    private final String vm;
    private final DeviceOffer offer;
    private final RedoLogs redoLogs;
    private final EventLog log;
    private final Runnable departed;
    private final List<Attached> workers = new ArrayList<>();
    private volatile @Nullable SessionControl session;
    /** By how many workers the latest state is not applied yet. */
    private volatile AtomicInteger unanswered = new AtomicInteger();

    /** @param departed to be run when a session has ended */
    GuestDevice(String vm, DeviceOffer offer, RedoLogs redoLogs, EventLog log, Runnable departed) {
        this.vm = vm;
        this.offer = offer;
        this.redoLogs = redoLogs;
        this.log = log;
        this.departed = departed;
    }

    /**
     * Names the next of the workers that do the packet work; all of them before any session.
     *
     * @param events what it blocks on
     */
    void attach(Worker worker, EventSet events) {
        workers.add(new Attached(worker, events));
    }

    @Override
    public DeviceOffer offer() {
        return offer;
    }

    @Override
    public RedoLogs redoLogs() {
        return redoLogs;
    }

    @Override
    public void opened(SessionControl control) {
        session = control;
        log.attached(vm);
    }

    @Override
    public void configure(DeviceState state, Runnable applied) {
        AtomicInteger left = new AtomicInteger(workers.size());
        Runnable answered = () -> {
            if (left.decrementAndGet() == 0) {
                applied.run();
            }
        };
        List<DeviceState> parts = IntStream.range(0, workers.size())
                .mapToObj(i -> part(state, i, workers.size()))
                .toList();
        watch(parts);
        unanswered = left;
        try {
            for (int i = 0; i < workers.size(); i++) {
                workers.get(i).configure(parts.get(i), answered);
            }
        } catch (RuntimeException | Error e) {
            workers.forEach(Attached::askInAnyCase); // the next time: some may not have done what others were told
            throw e;
        }
    }

    /** Whether a worker has not yet applied the latest state. Any thread. */
    boolean isInHand() {
        return unanswered.get() > 0;
    }

    /** Lets the new kicks of all parts wake their workers, or none of them if the kernel refuses one. */
    private void watch(List<DeviceState> parts) {
        List<Runnable> undo = new ArrayList<>();
        try {
            for (int i = 0; i < workers.size(); i++) {
                workers.get(i).watch(parts.get(i), undo);
            }
        } catch (RuntimeException e) {
            undo.forEach(Runnable::run);
            throw e;
        }
    }

    /** What one of so many workers is to know of a state: nothing as long as it has no queues. */
    static DeviceState part(DeviceState state, int worker, int workers) {
        List<Virtqueue> queues = state.queues().stream()
                .filter(queue -> queue.setup().index() / 2 % workers == worker)
                .toList();
        return queues.isEmpty() ? DeviceState.empty() : new DeviceState(state.features(), state.memory(), queues);
    }

    /** A worker, and the kicks that wake it. */
    private static final class Attached {
        private final Worker worker;
        private final EventSet events;
        /** What the worker has been told last; null if that is not known. */
        private @Nullable DeviceState latest = DeviceState.empty();

        private Set<EventFd> watched = Set.of();

        private Attached(Worker worker, EventSet events) {
            this.worker = worker;
            this.events = events;
        }

        /** Adds the kicks that are new, and to the list how each is taken back. */
        private void watch(DeviceState state, List<Runnable> undo) {
            for (EventFd kick : kicks(state)) {
                if (!watched.contains(kick)) {
                    events.add(kick);
                    undo.add(() -> events.remove(kick));
                }
            }
        }

        private void askInAnyCase() {
            latest = null;
        }

        /** Hands over a state whose kicks have been added, unless it is the one that the worker has: each may take it a period. */
        private void configure(DeviceState state, Runnable applied) {
            if (state.equals(latest)) {
                applied.run();
                return;
            }
            latest = state;
            Set<EventFd> kicks = kicks(state);
            Set<EventFd> before = watched;
            watched = kicks;
            worker.submit(new WorkerCommand.Configure(state, () -> {
                // Before the session closes them: the front-end still holds the same open files.
                for (EventFd kick : before) {
                    if (!kicks.contains(kick)) {
                        events.remove(kick);
                    }
                }
                applied.run();
            }));
        }
    }

    private static Set<EventFd> kicks(DeviceState state) {
        Set<EventFd> kicks = new HashSet<>();
        for (Virtqueue queue : state.queues()) {
            EventFd kick = queue.setup().kick();
            if (kick != null) {
                kicks.add(kick);
            }
        }
        return kicks;
    }

    @Override
    public void announce(byte[] macAddress) {
        workers.getFirst().worker.announce(Rarp.announcement(macAddress));
    }

    @Override
    public void closed(String reason) {
        session = null;
        departed.run();
        log.detached(vm, reason);
    }

    @Override
    public void refused(String reason) {
        log.warning(vm, reason);
    }

    @Override
    public void heldBack(String reason) {
        log.warning(vm, reason);
    }

    @Override
    public void queueStopped(String description) {
        log.warning(vm, description + "; the guest can reset the device and go on");
    }

    @Override
    public void sessionFailed(String reason) {
        SessionControl current = session;
        if (current != null) {
            current.end(reason);
        }
    }
}
