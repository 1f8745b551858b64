package io.ringfence.dataplane.control;

import io.ringfence.dataplane.worker.Worker;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.dataplane.worker.WorkerListener;
import io.ringfence.vhostuser.backend.Device;
import io.ringfence.vhostuser.backend.DeviceOffer;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.backend.SessionControl;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One VM as its vhost-user session sees it: passes every state on to the VM's worker.
 *
 * <p>Called by the session's event loop and, for reports and acknowledgements, by the control thread.
 */
final class GuestDevice implements Device, WorkerListener {
    private final String vm;
    private final DeviceOffer offer;
    private final EventSet events;
    private final EventLog log;
    private final Runnable departed;
    private volatile @Nullable Worker worker;
    private volatile @Nullable SessionControl session;
    private Set<EventFd> watched = Set.of();

    /**
     * @param events what the VM's worker blocks on
     * @param departed to be run when a session has ended
     */
    GuestDevice(String vm, DeviceOffer offer, EventSet events, EventLog log, Runnable departed) {
        this.vm = vm;
        this.offer = offer;
        this.events = events;
        this.log = log;
        this.departed = departed;
    }

    /** Names the worker that does the packet work; once, before any session. */
    void attach(Worker packetWorker) {
        worker = packetWorker;
    }

    @Override
    public DeviceOffer offer() {
        return offer;
    }

    @Override
    public void opened(SessionControl control) {
        session = control;
        log.attached(vm);
    }

    @Override
    public void configure(DeviceState state, Runnable applied) {
        Set<EventFd> kicks = kicks(state);
        Set<EventFd> before = watched;
        for (EventFd kick : kicks) {
            if (!before.contains(kick)) {
                events.add(kick);
            }
        }
        watched = kicks;
        submit(new WorkerCommand.Configure(state, () -> {
            // Before the session closes them: the front-end still holds the same open files.
            for (EventFd kick : before) {
                if (!kicks.contains(kick)) {
                    events.remove(kick);
                }
            }
            applied.run();
        }));
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
        submit(Rarp.announcement(macAddress));
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

    private void submit(WorkerCommand command) {
        Worker target = worker;
        if (target == null) {
            throw new IllegalStateException("VM " + vm + " has no worker yet");
        }
        target.submit(command);
    }
}
