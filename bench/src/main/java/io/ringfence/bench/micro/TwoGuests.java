package io.ringfence.bench.micro;

import io.ringfence.dataplane.warmup.SyntheticGuest;
import io.ringfence.dataplane.warmup.SyntheticLan;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;

/** A guest that sends to another, and the visits of its worker; by one thread. */
abstract class TwoGuests {
    static final QueueOptions PLAIN = QueueOptions.ofSize(256);

    private static final long FEATURES = Features.VERSION_1 | Features.EVENT_IDX | Features.NET_MRG_RXBUF;
    private static final long SENDER_ADDRESS = 0x0102_0304_0002L;
    private static final long RECEIVER_ADDRESS = 0x0202_0304_0002L;
    private static final long VISIT_NANOS = 1_000_000;
    private static final int SENDER = 1;

    private final SyntheticGuest receiver;
    private final SyntheticGuest sender;
    private final SyntheticLan lan;

    /**
     * Creates both.
     *
     * @param transmitting the sender's transmit queue
     * @param sends features of the sender beside those of both
     * @param takes features of the receiver likewise
     */
    TwoGuests(QueueOptions transmitting, long sends, long takes) {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            receiver = guest(PLAIN, FEATURES | takes);
            opened.add(receiver);
            sender = guest(transmitting, FEATURES | sends);
            opened.add(sender);
            // The sender is the second: the first has a limit.
            lan = new SyntheticLan(List.of(receiver, sender));
        } catch (RuntimeException | Error e) {
            CloseHelper.quietCloseAll(opened);
            throw e;
        }
    }

    private static SyntheticGuest guest(QueueOptions transmitting, long features) {
        try {
            return new SyntheticGuest(transmitting, PLAIN, features);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The sender's own work. */
    final void offer(int frames, int lengthBytes) {
        sender.offer(frames, lengthBytes, SENDER_ADDRESS, RECEIVER_ADDRESS);
    }

    /** The work of the sender's worker. */
    final int visit() {
        long now = System.nanoTime();
        return lan.member(SENDER).port().visit(now, now + VISIT_NANOS);
    }

    /** The receiver's own work; returns how many frames it took, all of them. */
    final int take(int frames) {
        int taken = receiver.take(frames);
        if (taken != frames) {
            throw new IllegalStateException("%d frames arrived, expected %d".formatted(taken, frames));
        }
        return taken;
    }
}
