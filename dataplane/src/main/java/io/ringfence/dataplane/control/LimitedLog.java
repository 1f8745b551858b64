package io.ringfence.dataplane.control;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells what front-ends and guests bring about, of each VM no more than it would be worth: one that connects again and again, or
 * breaks its queues, could else flood the operator, and push what others did out of the journal.
 *
 * <p>What is left out is counted, and the count is told; so is the last that happened to a session, for nobody is to believe that a VM
 * is attached which is not. Any thread but a worker.
 */
final class LimitedLog implements EventLog, AutoCloseable {
    /** As many in a second as the audit records of a VM anyway. */
    static final int MOST = 10;

    private static final long PERIOD_SECONDS = 10;

    private final EventLog log;
    private final Map<String, Period> periods = new HashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("ringfence-events").daemon().factory());
    private boolean closed;

    /** A time from an event of a VM on. */
    private static final class Period {
        private int told;
        private int leftOut;
        private @Nullable Runnable last;
        private boolean lastIsOfSession;
    }

    LimitedLog(EventLog log) {
        this.log = log;
    }

    @Override
    public void event(String vm, String what) {
        tell(vm, false, () -> log.event(vm, what));
    }

    @Override
    public void attached(String vm) {
        tell(vm, true, () -> log.attached(vm));
    }

    @Override
    public void detached(String vm, String reason) {
        tell(vm, true, () -> log.detached(vm, reason));
    }

    @Override
    public void warning(String vm, String what) {
        tell(vm, false, () -> log.warning(vm, what));
    }

    private synchronized void tell(String vm, boolean ofSession, Runnable telling) {
        if (closed) {
            telling.run();
            return;
        }
        Period period = periods.computeIfAbsent(vm, this::begin);
        if (period.told < MOST) {
            period.told++;
            telling.run();
            return;
        }
        period.leftOut++;
        if (ofSession || !period.lastIsOfSession) {
            period.last = telling;
            period.lastIsOfSession = ofSession;
        }
    }

    private Period begin(String vm) {
        var ignored = timer.schedule(() -> end(vm), PERIOD_SECONDS, TimeUnit.SECONDS);
        return new Period();
    }

    /** Ends the period of a VM, and tells what was left out of it. */
    synchronized void end(String vm) {
        Period period = periods.remove(vm);
        Runnable last = period == null ? null : period.last;
        if (period == null || last == null) {
            return;
        }
        if (period.leftOut > 1) {
            log.warning(
                    vm,
                    "%d events within %d s are left out, before the next one: its front-end or guest brings about too many"
                            .formatted(period.leftOut - 1, PERIOD_SECONDS));
        }
        last.run();
    }

    /** Tells what was left out until now; later events are told one by one. */
    @Override
    public synchronized void close() {
        closed = true;
        timer.shutdownNow();
        List.copyOf(periods.keySet()).forEach(this::end);
    }
}
