package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.backend.Device;
import io.ringfence.vhostuser.backend.DeviceOffer;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.backend.SessionControl;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Sends each frame that it gets back on the receive queue of the same pair; asleep when there is nothing to do. */
final class EchoDevice implements Device, AutoCloseable {
    private record Change(DeviceState state, Runnable applied) {}

    private final DeviceOffer offer;
    private final DeviceSide frames = new DeviceSide();
    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
    private final Queue<String> endings = new ConcurrentLinkedQueue<>();
    private final EventFd doorbell = EventFd.create();
    private final Map<Integer, Virtqueue> queues = new TreeMap<>();
    private final Thread worker;
    private EventSet wakeUps = EventSet.create();
    private volatile boolean closing;

    EchoDevice(DeviceOffer offer) {
        this.offer = offer;
        wakeUps.add(doorbell);
        worker = Thread.ofPlatform().name("echo").start(this::run);
    }

    /** Why sessions ended. */
    Queue<String> endings() {
        return endings;
    }

    @Override
    public DeviceOffer offer() {
        return offer;
    }

    @Override
    public void opened(SessionControl session) {}

    @Override
    public void configure(DeviceState state, Runnable applied) {
        changes.add(new Change(state, applied));
        doorbell.signal();
    }

    @Override
    public void announce(byte[] macAddress) {}

    @Override
    public void closed(String reason) {
        endings.add(reason);
    }

    private void run() {
        while (!closing) {
            for (Change change = changes.poll(); change != null; change = changes.poll()) {
                apply(change.state());
                change.applied().run();
            }
            boolean busy = false;
            for (Virtqueue transmit : queues.values()) {
                QueueSetup setup = transmit.setup();
                Virtqueue receive = queues.get(setup.index() - 1);
                if (!setup.receives() && setup.enabled() && receive != null) {
                    busy |= echo(transmit, receive);
                }
            }
            for (Virtqueue queue : queues.values()) {
                busy |= queue.arm();
            }
            if (!busy) {
                wakeUps.await(-1);
            }
        }
    }

    private void apply(DeviceState state) {
        Map<Integer, Virtqueue> before = new TreeMap<>(queues);
        queues.clear();
        wakeUps.close();
        wakeUps = EventSet.create();
        wakeUps.add(doorbell);
        for (Virtqueue queue : state.queues()) {
            int index = queue.setup().index();
            Virtqueue earlier = before.get(index);
            if (earlier != null && earlier.setup().generation() == queue.setup().generation()) {
                queue.continueFrom(earlier);
            }
            queues.put(index, queue);
            if (queue.setup().kick() != null) {
                wakeUps.add(Objects.requireNonNull(queue.setup().kick()));
            }
        }
    }

    private boolean echo(Virtqueue transmit, Virtqueue receive) {
        int count = 0;
        for (; transmit.available() > 0; count++) {
            byte[] frame = frames.read(transmit, 0);
            int head = frames.head();
            if (!frames.put(receive, frame)) {
                break;
            }
            transmit.stage(0, head, 0);
            transmit.commit(1);
        }
        if (receive.publish()) {
            receive.call();
        }
        if (transmit.publish()) {
            transmit.call();
        }
        return count > 0;
    }

    /** After the listener or connector was closed. */
    @Override
    public void close() {
        closing = true;
        doorbell.signal();
        try {
            worker.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        wakeUps.close();
        doorbell.close();
    }
}
