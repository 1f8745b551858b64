package io.ringfence.bench.bridge;

import io.ringfence.bench.device.QueuePairDevice;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;

/**
 * One guest's end: a plain thread that writes what the guest sends to a TAP device, and reads from the device into the
 * guest's receive queue, as vhost-net's thread does.
 *
 * <p>It serves each direction for at most 256 frames in turn (vhost-net's {@code VHOST_NET_PKT_WEIGHT}), asks for no kicks
 * while it has work, and blocks when it has none. While the guest has no receive buffers, frames wait in the device, and
 * are dropped there when its queue is full.
 */
final class BridgePort extends QueuePairDevice implements AutoCloseable {
    private static final int WEIGHT_FRAMES = 256;

    private final Tap tap;
    private final int cpu;
    private final Wakeups wakeups = new Wakeups();
    private final EventFd changed = EventFd.create();
    private final BufferChain chain = new BufferChain();
    private final FrameVector frame = new FrameVector();
    private final Thread thread;
    private volatile boolean closing;
    private boolean starved;

    /** For one session after the other, on this CPU. */
    BridgePort(Tap tap, int cpu, int mtu) {
        super(mtu);
        this.tap = tap;
        this.cpu = cpu;
        wakeups.add(tap.fd());
        wakeups.add(changed.fd());
        thread = Thread.ofPlatform().daemon().name("vhost-" + tap.name()).start(this::run);
    }

    @Override
    protected void onChange() {
        changed.signal();
    }

    @Override
    protected void begun(Virtqueue queue) {
        EventFd kick = queue.setup().kick();
        if (kick != null) {
            wakeups.add(kick.fd());
        }
    }

    @Override
    protected void left(Virtqueue queue) {
        EventFd kick = queue.setup().kick();
        if (kick != null) {
            wakeups.remove(kick.fd());
        }
    }

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

    /** Writes what the guest has sent to the device; returns whether there may be more. */
    private boolean send() {
        Virtqueue queue = transmitQueue();
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
        Virtqueue queue = receiveQueue();
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
        Virtqueue transmit = transmitQueue();
        Virtqueue receive = receiveQueue();
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
