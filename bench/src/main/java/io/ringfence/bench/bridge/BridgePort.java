package io.ringfence.bench.bridge;

import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.vhostuser.backend.Device;
import io.ringfence.vhostuser.backend.DeviceOffer;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.backend.SessionControl;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One guest's end: a plain thread that writes what the guest sends to a TAP device, and reads from the device into the
 * guest's receive queue, as vhost-net's thread does.
 *
 * <p>It serves each direction for at most 256 frames in turn (vhost-net's {@code VHOST_NET_PKT_WEIGHT}), asks for no kicks
 * while it has work, and blocks when it has none. While the guest has no receive buffers, frames wait in the device, and
 * are dropped there when its queue is full.
 */
final class BridgePort implements Device, AutoCloseable {
    private static final int WEIGHT_FRAMES = 256;

    private final DeviceOffer offer;
    private final Tap tap;
    private final int cpu;
    private final Wakeups wakeups = new Wakeups();
    private final EventFd changed = EventFd.create();
    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
    private final BufferChain chain = new BufferChain();
    private final FrameVector frame = new FrameVector();
    private final Thread thread;
    private volatile boolean closing;
    private @Nullable Virtqueue receive;
    private @Nullable Virtqueue transmit;
    private boolean starved;

    private record Change(DeviceState state, Runnable applied) {}

    /** For one session after the other, on this CPU. */
    BridgePort(Tap tap, int cpu, int mtu) {
        this.tap = tap;
        this.cpu = cpu;
        offer = new DeviceOffer(
                Features.VERSION_1 | Features.NET_MRG_RXBUF | Features.INDIRECT_DESC | Features.EVENT_IDX,
                ProtocolFeatures.REPLY_ACK | ProtocolFeatures.CONFIGURE_MEM_SLOTS | ProtocolFeatures.STATUS,
                1,
                mtu);
        wakeups.add(tap.fd());
        wakeups.add(changed.fd());
        thread = Thread.ofPlatform().daemon().name("vhost-" + tap.name()).start(this::run);
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
        changed.signal();
    }

    @Override
    public void announce(byte[] macAddress) {}

    @Override
    public void closed(String reason) {}

    private void run() {
        ThreadScheduling.pin(NativeThread.currentId(), cpu);
        while (!closing) {
            applyChanges();
            boolean more = send();
            more |= receive();
            if (!more && !armed()) {
                wakeups.await();
            }
        }
    }

    private void applyChanges() {
        for (Change change = changes.poll(); change != null; change = changes.poll()) {
            receive = next(receive, change.state(), true);
            transmit = next(transmit, change.state(), false);
            change.applied().run();
        }
    }

    private @Nullable Virtqueue next(@Nullable Virtqueue before, DeviceState state, boolean receiving) {
        EventFd oldKick = before == null ? null : before.setup().kick();
        if (oldKick != null) {
            wakeups.remove(oldKick.fd());
        }
        for (Virtqueue queue : state.queues()) {
            if (queue.setup().receives() == receiving && queue.setup().enabled()) {
                if (before != null
                        && before.setup().generation() == queue.setup().generation()) {
                    queue.continueFrom(before);
                }
                EventFd kick = queue.setup().kick();
                if (kick != null) {
                    wakeups.add(kick.fd());
                }
                return queue;
            }
        }
        return null;
    }

    /** Writes what the guest has sent to the device; returns whether there may be more. */
    private boolean send() {
        Virtqueue queue = transmit;
        if (queue == null) {
            return false;
        }
        int count = Math.min(WEIGHT_FRAMES, queue.available());
        if (count == 0) {
            return false;
        }
        queue.disarm();
        for (int i = 0; i < count && queue.peek(0, false, chain); i++) {
            if (frame.set(chain)) {
                tap.write(frame);
            }
            queue.stage(0, chain.head(), 0);
            queue.commit(1);
        }
        finish(queue);
        return true;
    }

    /** Reads what the host sends into the guest's buffers; returns whether there may be more. */
    private boolean receive() {
        Virtqueue queue = receive;
        if (queue == null) {
            return false;
        }
        int room = Math.min(WEIGHT_FRAMES, queue.available());
        starved = room == 0;
        int count = 0;
        while (count < room && queue.peek(0, true, chain)) {
            int length = frame.set(chain) ? tap.read(frame) : -1;
            if (length < 0) {
                break;
            }
            FrameHeader.write(chain);
            queue.stage(0, chain.head(), FrameVector.HEADER_LENGTH + length);
            queue.commit(1);
            count++;
        }
        if (count > 0) {
            queue.disarm();
            finish(queue);
        }
        return room > 0 && count == room;
    }

    private static void finish(Virtqueue queue) {
        if (queue.publish()) {
            queue.call();
        }
    }

    /** Asks for kicks: of frames sent, and of buffers if there are none; returns whether something came meanwhile. */
    private boolean armed() {
        boolean more = transmit != null && transmit.arm();
        if (receive != null && starved) {
            more |= receive.arm();
        }
        return more;
    }

    /** Ends the thread, when no session is left. */
    @Override
    public void close() {
        closing = true;
        changed.signal();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        frame.close();
        wakeups.close();
        changed.close();
        tap.close();
    }
}
