package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InheritingLockTest {
    private static final long SECOND = 1_000_000_000;

    private final InheritingLock lock = new InheritingLock();
    private long guarded; // plain: the lock makes it safe

    @Test
    void shouldLetOneInAtATimeHoweverTheyCome() throws Exception {
        int threads = 4;
        int rounds = 50_000;
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Callable<Long>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                boolean patient = i % 2 == 0;
                tasks.add(() -> enter(rounds, patient));
            }
            long entered = 0;
            for (Future<Long> task : executor.invokeAll(tasks)) {
                entered += task.get();
            }

            assertThat(guarded).isEqualTo(entered);
            assertThat(entered).isGreaterThanOrEqualTo(2L * rounds);
            assertThat(lock.holder()).isZero();
        }
    }

    @Test
    void shouldBeAsItWasAfterARehearsal() {
        lock.rehearse(NativeThread.currentId());
        assertThat(lock.holder()).isZero();
        lock.rehearse(InheritingLock.stranger(2));

        assertThat(lock.tryLock(InheritingLock.stranger(1))).isTrue();

        lock.rehearse(NativeThread.currentId());

        assertThat(lock.heldBy(InheritingLock.stranger(1))).isTrue();
    }

    /** How often this thread was let in. */
    private long enter(int rounds, boolean patient) {
        long entered = 0;
        try (NativeThread self = new NativeThread()) {
            int id = NativeThread.currentId();
            for (int round = 0; round < rounds; round++) {
                boolean in = lock.tryLock(id);
                while (!in && patient) {
                    in = lock.lockLending(self, System.nanoTime() + SECOND);
                }
                if (in) {
                    assertThat(lock.heldBy(id)).isTrue();
                    guarded++;
                    entered++;
                    lock.unlock();
                }
            }
        }
        return entered;
    }

    @Test
    void shouldGiveUpWhenTheTimeIsOver() throws Exception {
        try (TestWorker holder = new TestWorker(
                        () -> assertThat(lock.tryLock(NativeThread.currentId())).isTrue(), stopped -> {
                            while (!stopped.getAsBoolean()) {
                                Thread.sleep(1);
                            }
                            lock.unlock();
                        });
                NativeThread self = new NativeThread()) {
            holder.start();
            assertThat(lock.heldBy(holder.threadId())).isTrue();
            long start = System.nanoTime();

            assertThat(lock.lockLending(self, start + SECOND / 100)).isFalse();

            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SECOND / 100);
            assertThat(lock.heldBy(holder.threadId())).isTrue();
        }
        assertThat(lock.holder())
                .as("given up in the end, though somebody had waited")
                .isZero();
    }

    @Test
    void shouldNotWaitForAHolderWhoseThreadIsNotKnown() {
        try (NativeThread self = new NativeThread()) {
            assertThat(lock.tryLock(InheritingLock.stranger(1))).isTrue();

            assertThat(lock.lockLending(self, System.nanoTime() + 20 * SECOND)).isFalse();

            assertThat(lock.tryLock(InheritingLock.stranger(2))).isFalse();
            assertThat(lock.heldBy(InheritingLock.stranger(1))).isTrue();
            lock.unlock();
            assertThat(lock.holder()).isZero();
        }
    }

    @Test
    void shouldNotWaitForItself() {
        try (NativeThread self = new NativeThread()) {
            int id = NativeThread.currentId();
            assertThat(lock.tryLock(id)).isTrue();

            assertThat(lock.lockLending(self, System.nanoTime() + 20 * SECOND)).isFalse();

            lock.unlock();
            assertThat(lock.lockLending(self, System.nanoTime() + SECOND))
                    .as("free")
                    .isTrue();
            assertThat(lock.heldBy(id)).isTrue();
            lock.unlock();
            assertThat(lock.holder()).isZero();
        }
    }
}
