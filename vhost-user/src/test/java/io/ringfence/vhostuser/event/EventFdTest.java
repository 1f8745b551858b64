package io.ringfence.vhostuser.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.linux.Libc;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
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

    @RepeatedTest(20)
    void shouldReturnAndBeMutedWhenPeerMakesSignalsBlock() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (EventFd adopted = EventFd.adopt(duplicate(event), told::countDown)) {
            BlockingPeer.blockSignals(event);

            assertReturns(adopted::signal);
            assertThat(told.await(1, TimeUnit.SECONDS)).isTrue();
            BlockingPeer.blockSignals(event);
            assertReturns(() -> IntStream.range(0, 1000).forEach(ignored -> adopted.signal()));
        }
    }

    @Test
    void shouldReturnWhenPeerFillsCounterAgainAndAgain() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        AtomicBoolean enough = new AtomicBoolean();
        try (EventFd adopted = EventFd.adopt(duplicate(event), told::countDown)) {
            BlockingPeer.blockSignals(event);
            Thread signalling = Thread.ofPlatform().daemon().start(adopted::signal);
            Thread filling = Thread.ofPlatform().daemon().start(() -> {
                BlockingPeer.nonBlocking(event, true); // who blocks already stays blocked
                while (!enough.get()) {
                    BlockingPeer.fill(event);
                }
            });

            assertThat(signalling.join(Duration.ofSeconds(1))).isTrue();
            enough.set(true);
            filling.join();
            assertThat(told.await(1, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldGoOnSignallingWhenOtherPeersCounterIsFull() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (EventFd other = EventFd.create();
                EventFd adopted = EventFd.adopt(duplicate(event), () -> {});
                EventFd full = EventFd.adopt(duplicate(other), told::countDown)) {
            BlockingPeer.fill(other);
            assertThat(told.await(1, TimeUnit.SECONDS)).isTrue();
            full.signal();

            adopted.signal();

            assertThat(event.drain()).isOne();
        }
    }

    private static int duplicate(EventFd event) {
        return Libc.check("fcntl(F_DUPFD_CLOEXEC)", Libc.fcntl(event.fd(), 1030, 0));
    }

    private static void assertReturns(Runnable call) throws InterruptedException {
        Thread caller = Thread.ofPlatform().daemon().start(call);
        assertThat(caller.join(Duration.ofSeconds(1))).as("returned").isTrue();
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
    void shouldLeaveTheDescriptorsOfOthersOpenWhenASetIsClosedTwice() {
        EventSet twice = EventSet.create();
        twice.close();
        try (EventFd next = EventFd.create()) { // most likely with the number that was the set's
            twice.close();

            next.signal();
            assertThat(next.drain()).isOne();
        }
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
