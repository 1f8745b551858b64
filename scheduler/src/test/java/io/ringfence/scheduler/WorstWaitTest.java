package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The worst wait of the derivation against a simulated CPU under EDF and CBS, full of neighbours that always have work: no
 * work that keeps to the demand waits longer, and some waits nearly as long.
 */
@Timeout(60)
class WorstWaitTest {
    private static final int RUNS = 60;
    private static final long STEP_NANOS = 1_000;
    private static final long RUN_NANOS = 60_000_000;

    @Test
    void shouldNeverBeExceededBesideGreedyNeighbours() {
        Random random = new Random(29);
        double closest = 0;
        for (int run = 0; run < RUNS; run++) {
            long periodNanos = STEP_NANOS * (100 + random.nextInt(400));
            long runtimeNanos =
                    STEP_NANOS * (long) ((double) periodNanos / STEP_NANOS * (0.1 + 0.4 * random.nextDouble()));
            long usableNanos = Costs.WORKER.usableNanos(runtimeNanos);
            double rateShare = (0.2 + 0.8 * random.nextDouble()) * usableNanos / periodNanos;
            double burstNanos = usableNanos * (0.2 + 3 * random.nextDouble());
            Demand demand = new Demand(0, 0, burstNanos, rateShare, burstNanos, rateShare);
            long boundNanos = demand.worstWaitNanos(usableNanos, periodNanos);

            long waited = longestWait(new Reservation(runtimeNanos, periodNanos), usableNanos, demand, random);

            assertThat(waited)
                    .as("%d ns usable every %d ns, %s", usableNanos, periodNanos, demand)
                    .isLessThanOrEqualTo(boundNanos + 2 * STEP_NANOS);
            closest = Math.max(closest, (double) waited / boundNanos);
        }
        assertThat(closest).as("how close the longest wait came to the bound").isGreaterThan(0.6);
    }

    private static long longestWait(Reservation reservation, long usableNanos, Demand demand, Random random) {
        Worker worker = new Worker(reservation, usableNanos, random);
        List<Server> servers = new ArrayList<>(List.of(worker));
        long left = 1_000_000 - Math.round(reservation.share() * 1e6) - 1;
        while (left > 20_000) {
            long share = Math.min(left, 20_000 + random.nextInt(400_000));
            long periodNanos = STEP_NANOS * (100 + random.nextInt(2_000));
            servers.add(new Server(new Reservation(periodNanos * share / 1_000_000, periodNanos)));
            left -= share;
        }
        double tokens = demand.burstNanos();
        long quietUntil = 0;
        for (long now = 0; now < RUN_NANOS; now += STEP_NANOS) {
            tokens = Math.min(tokens + STEP_NANOS * demand.rateShare(), demand.burstNanos());
            if (now >= quietUntil) {
                // In whole steps, so that none is run for nothing.
                double part = Math.floor(tokens * (random.nextBoolean() ? 1 : 0.5) / STEP_NANOS) * STEP_NANOS;
                worker.arrives(part, now);
                tokens -= part;
                quietUntil = now + 20_000 + random.nextInt(random.nextInt(4) == 0 ? 2_000_000 : 50_000);
            }
            Server running = null;
            for (Server server : servers) {
                server.tick(now);
                if (server.wants() && (running == null || server.deadline < running.deadline)) {
                    running = server;
                }
            }
            if (running != null) {
                running.run(now + STEP_NANOS);
            }
        }
        return worker.longestWait;
    }

    /** A thread that always has work, held to its reservation by the kernel. */
    private static class Server {
        final Reservation reservation;
        double left;
        long deadline;

        Server(Reservation reservation) {
            this.reservation = reservation;
            replenish(0);
        }

        final void replenish(long now) {
            left = reservation.runtimeNanos();
            deadline = now + reservation.periodNanos();
        }

        void tick(long now) {
            if (left < STEP_NANOS && now >= deadline) {
                replenish(deadline);
            }
        }

        boolean wants() {
            return left >= STEP_NANOS;
        }

        void run(long now) {
            left -= STEP_NANOS;
        }
    }

    /** A worker that meters itself, blocks when it has nothing to do, and sometimes does not notice a new period. */
    private static final class Worker extends Server {
        private final long usableNanos;
        private final Random random;
        private final Deque<double[]> queue = new ArrayDeque<>();
        private double metered;
        private boolean yielded;
        private long longestWait;

        Worker(Reservation reservation, long usableNanos, Random random) {
            super(reservation);
            this.usableNanos = usableNanos;
            this.random = random;
            metered = usableNanos;
        }

        void arrives(double workNanos, long now) {
            if (workNanos <= 0) {
                return;
            }
            if (queue.isEmpty() && !yielded) {
                // update_dl_entity()
                double untilDeadline = deadline - now;
                if (untilDeadline < 0
                        || left * reservation.periodNanos() > untilDeadline * reservation.runtimeNanos()) {
                    replenish(now);
                    metered = random.nextInt(4) == 0 ? metered : usableNanos;
                }
            }
            queue.add(new double[] {workNanos, now});
        }

        @Override
        void tick(long now) {
            if (yielded && now >= deadline) {
                yielded = false;
                replenish(deadline);
                metered = usableNanos;
            }
        }

        @Override
        boolean wants() {
            if (!queue.isEmpty() && metered < STEP_NANOS) {
                yielded = true;
            }
            return !queue.isEmpty() && !yielded;
        }

        @Override
        void run(long now) {
            left -= STEP_NANOS;
            metered -= STEP_NANOS;
            double done = STEP_NANOS;
            while (!queue.isEmpty() && done > 0) {
                double[] first = queue.element();
                double part = Math.min(done, first[0]);
                first[0] -= part;
                done -= part;
                if (first[0] <= 1e-6) {
                    longestWait = Math.max(longestWait, now - (long) first[1]);
                    queue.remove();
                }
            }
        }
    }
}
