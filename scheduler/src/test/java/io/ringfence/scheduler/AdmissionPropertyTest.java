package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.RequiresPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the arithmetic admits, the kernel admits; what it refuses, the kernel refuses. */
@RequiresPartition
@Timeout(120)
class AdmissionPropertyTest {
    private static final int CPU = RequiresPartition.CPU;
    private static final int SETS = 50;

    private final CpuLimit limit = CpuLimit.read(CPU);
    private final List<TestWorker> workers = new ArrayList<>();
    private CpuPartition partition;

    @BeforeEach
    void createPartition() {
        partition = CpuPartition.create(CPU);
    }

    @AfterEach
    void closePartition() {
        closeWorkers();
        partition.close();
    }

    private void closeWorkers() {
        workers.forEach(TestWorker::close);
        workers.clear();
    }

    @Test
    void shouldAgreeWithTheKernelAboutRandomSetsOfGuarantees() {
        Random random = new Random(3);
        for (int set = 0; set < SETS; set++) {
            List<Reservation> admitted = new ArrayList<>();
            Reservation next = reservation(random);
            while (limit.left(admitted) >= 0 && limit.admits(with(admitted, next))) {
                admitted.add(next);
                next = reservation(random);
            }

            admitted.forEach(this::apply);
            assertRefused(next);
            closeWorkers();
        }
    }

    @Test
    void shouldAgreeWithTheKernelToTheLastMillionth() {
        Random random = new Random(5);
        for (int set = 0; set < SETS; set++) {
            Reservation first = new Reservation(100_000 + random.nextInt(300_000), 1_000_000);
            long periodNanos = 1_000_000L + random.nextInt(3_000_000);
            long left = limit.bandwidth() - CpuLimit.load(List.of(first));
            long mostNanos = ((left + 1) * periodNanos - 1) >> 20;
            Reservation fits = new Reservation(mostNanos, periodNanos);
            // The next number of the kernel's: a millionth of the period more.
            Reservation tooMuch = new Reservation(mostNanos + (periodNanos >> 20) + 1, periodNanos);
            assertThat(limit.admits(List.of(first, fits))).isTrue();
            assertThat(limit.admits(List.of(first, tooMuch))).isFalse();

            apply(first);
            assertRefused(tooMuch);
            apply(fits);
            closeWorkers();
        }
    }

    @Test
    void shouldProbeNoMoreThanTheLimitAndHardlyLess() {
        Reservation some = new Reservation(300_000, 1_000_000);
        apply(some);

        assertThat(CpuLimit.probe(partition, List.of(some)).share()).isBetween(limit.share() - 0.003, limit.share());
    }

    private static Reservation reservation(Random random) {
        while (true) {
            Sizing sizing = new Sizing(Costs.random(random), Costs.FULL_SIZE, Costs.WORKER, 100_000);
            var sized = sizing.of(Costs.randomGuarantee(random));
            if (sized.isPresent()) {
                return sized.get().reservation();
            }
        }
    }

    private static List<Reservation> with(List<Reservation> reservations, Reservation one) {
        List<Reservation> all = new ArrayList<>(reservations);
        all.add(one);
        return all;
    }

    private TestWorker worker() {
        TestWorker worker = new TestWorker(partition, _stopped -> {});
        workers.add(worker);
        return worker;
    }

    private void apply(Reservation reservation) {
        ThreadScheduling.applyDeadline(worker().threadId(), reservation);
    }

    private void assertRefused(Reservation reservation) {
        // At once: none of the sets before has left anything that the kernel has yet to release.
        assertThat(ThreadScheduling.tryDeadline(worker().threadId(), reservation))
                .isFalse();
    }
}
