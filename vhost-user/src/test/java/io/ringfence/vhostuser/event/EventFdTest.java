package io.ringfence.vhostuser.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.ringfence.vhostuser.frontend.SharedMemory;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventFdTest {
    private static final int TIME_LIMIT_MILLIS = 5000;

    private final EventFd event = EventFd.create();
    private final EventSet set = EventSet.create();

    @AfterEach
    void close() {
        set.close();
        event.close();
    }

    @Test
    void shouldSumSignalsWhenDrained() {
        assertThat(event.drain()).isZero();
        event.signal();
        event.signal();

        assertThat(event.drain()).isEqualTo(2);
        assertThat(event.drain()).isZero();
    }

    @Test
    void shouldRefuseDescriptorWhenItIsNoEventFd() {
        try (SharedMemory memory = SharedMemory.create(4096)) {
            assertThatIOException()
                    .isThrownBy(() -> EventFd.adopt(memory.fd()))
                    .withMessageContaining("expected an eventfd");
        }
    }

    @Test
    void shouldRefuseDescriptorWhenItIsNotOpen() {
        assertThatIOException().isThrownBy(() -> EventFd.adopt(1_000_000));
    }

    @Test
    void shouldAdoptEventFdOfPeer() throws IOException {
        EventFd adopted = EventFd.adopt(event.fd());

        adopted.signal();

        assertThat(event.drain()).isOne();
    }

    @Test
    void shouldEndWaitOnceForEachNewSignalWithoutReading() {
        set.add(event);
        assertThat(set.await(0)).isZero();

        event.signal();
        assertThat(set.await(TIME_LIMIT_MILLIS)).isOne();
        assertThat(set.await(0)).as("seen already").isZero();
        event.signal();
        assertThat(set.await(TIME_LIMIT_MILLIS)).isOne();
    }

    @Test
    void shouldEndWaitAtOnceWhenSignalledBeforeItWasAdded() {
        event.signal();
        set.add(event);

        assertThat(set.await(TIME_LIMIT_MILLIS)).isOne();
    }

    @Test
    void shouldIgnoreSignalsWhenRemoved() {
        set.add(event);
        set.remove(event);
        event.signal();

        assertThat(set.await(0)).isZero();
    }

    @Test
    void shouldWakeWaiterWhenAnotherThreadSignals() throws InterruptedException {
        set.add(event);
        AtomicInteger woken = new AtomicInteger(-1);
        Thread waiter = Thread.ofPlatform().start(() -> woken.set(set.await(TIME_LIMIT_MILLIS)));

        event.signal();

        assertThat(waiter.join(Duration.ofMillis(TIME_LIMIT_MILLIS))).isTrue();
        assertThat(woken).hasValue(1);
    }

    @Test
    void shouldReportEachOfManyEventsAcrossWaits() {
        EventFd[] many = new EventFd[40];
        for (int i = 0; i < many.length; i++) {
            many[i] = EventFd.create();
            set.add(many[i]);
            many[i].signal();
        }

        int seen = 0;
        for (int wait = 0; wait < 3; wait++) {
            seen += set.await(0);
        }

        assertThat(seen).isEqualTo(40);
        for (EventFd each : many) {
            each.close();
        }
    }
}
