package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Two guests, 52:54:00:00:00:01 and :02, that exchange numbered frames without a pause, on a thread of their own: a frame is
 * answered by the next, so that one that is lost ends the conversation.
 */
final class Conversation implements AutoCloseable {
    private static final Duration TIME_LIMIT = Duration.ofSeconds(30);
    private static final long LOST_AFTER_NANOS = Duration.ofSeconds(10).toNanos();
    /** So many are on their way at once. */
    private static final int WINDOW = 16;

    private final NumberedGuest alice;
    private final NumberedGuest bob;
    private final AtomicLong rounds = new AtomicLong();
    /** Frames of third guests that have arrived. */
    private final AtomicLong heard = new AtomicLong();

    private final Thread thread = new Thread(this::run, "conversation");
    /** The number of a third guest's next frames. */
    private long said;

    private volatile boolean ending;
    private volatile @Nullable Throwable failure;

    Conversation(Path first, Path second) throws IOException {
        alice = new NumberedGuest(0, EmbeddedGuest.connect(first, GuestOptions.ofPairs(1)));
        bob = new NumberedGuest(1, EmbeddedGuest.connect(second, GuestOptions.ofPairs(1)));
        thread.start();
    }

    private void run() {
        try {
            while (!ending) {
                for (int i = 0; i < WINDOW; i++) {
                    assertThat(alice.send(bob, 60 + i * 40)).isTrue();
                }
                alice.flush();
                receive(bob, alice);
                assertThat(bob.send(alice, 60)).isTrue();
                bob.flush();
                receive(alice, bob);
                heard.set(alice.received() - alice.receivedFrom(bob) + bob.received() - bob.receivedFrom(alice));
                rounds.incrementAndGet();
            }
        } catch (Throwable lost) {
            failure = lost;
        }
    }

    private void receive(NumberedGuest to, NumberedGuest from) {
        long until = System.nanoTime() + LOST_AFTER_NANOS;
        while (to.receivedFrom(from) < from.sentTo(to)) {
            if (to.take(WINDOW) == 0) {
                assertThat(System.nanoTime() - until)
                        .as("frames sent %d, received %d", from.sentTo(to), to.receivedFrom(from))
                        .isNegative();
                LockSupport.parkNanos(20_000);
            }
        }
    }

    /** How often frames went to and fro. */
    long rounds() {
        return rounds.get();
    }

    /** Waits until some more frames have gone to and fro. */
    void goOn() {
        long before = rounds();
        Await.until("the conversation goes on", () -> rounds() > before + 3 || failure != null);
        assertThat(failure).isNull();
    }

    /** Has a third guest, 52:54:00:00:00:03, send to both, and waits until they have heard it. */
    void includes(EmbeddedGuest third) {
        for (int i = 0; i < 100; i++) {
            assertThat(Traffic.send(third, NumberedGuest.address(0), NumberedGuest.address(2), said))
                    .isTrue();
            assertThat(Traffic.send(third, NumberedGuest.address(1), NumberedGuest.address(2), said++))
                    .isTrue();
        }
        Await.until("the third is heard", () -> heard.get() == 2 * said);
    }

    /** Ends it; fails if a frame was lost or overtook another. */
    void finish() throws InterruptedException {
        ending = true;
        thread.join(TIME_LIMIT.toMillis());
        assertThat(thread.isAlive()).isFalse();
        assertThat(failure).isNull();
        assertThat(alice.violations()).isEmpty();
        assertThat(bob.violations()).isEmpty();
    }

    @Override
    public void close() {
        ending = true;
        try {
            thread.join(TIME_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        alice.guest().close();
        bob.guest().close();
    }
}
