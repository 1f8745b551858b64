package io.ringfence.dataplane.worker;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Stalls;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.vhostuser.event.EventSet;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does between two visits: goes on at once, sleeps shortly, yields to the next period, or blocks until somebody rings
 * or kicks. {@link VisitPolicy}, {@link SpareTime} and {@link Metering} say which. Owned by the worker.
 */
final class Intermission {
    private final GuestPort port;
    private final Doorbell doorbell;
    private final EventSet events;
    private final CommandQueue commands;
    private final Tally tally;
    private final Stalls stalls;
    private final NativeThread self;
    private final Metering metering;
    private final Lending lending;
    private VisitPolicy policy = unreserved();
    private SpareTime spare = SpareTime.none();
    private WorkerCommand.@Nullable Meter reserved;
    /** Whether the last visit is followed by the next at once, though it has left nothing. */
    private boolean looking;

    Intermission(
            GuestPort port,
            Doorbell doorbell,
            EventSet events,
            CommandQueue commands,
            Tally tally,
            NativeThread self,
            Metering metering) {
        this.port = port;
        this.doorbell = doorbell;
        this.events = events;
        this.commands = commands;
        this.tally = tally;
        stalls = new Stalls(tally);
        this.self = self;
        this.metering = metering;
        lending = new Lending(port, self, metering, tally);
    }

    private static VisitPolicy unreserved() {
        return new VisitPolicy(Pace.binding(Pace.SHORTEST_NANOS));
    }

    /** Keeps to a reservation that the kernel has admitted. */
    void keepTo(WorkerCommand.Meter kept) {
        reserved = kept;
        BudgetMeter budget = metering.keepTo(kept.reservation());
        // What is done in vain may still be charged in full: not where a guarantee rests on the pace.
        spare = kept.reservation().reclaims() && !kept.paceBinding()
                ? SpareTime.of(budget, kept.reservation().runtimeNanos())
                : SpareTime.none();
        policy = new VisitPolicy(
                kept.paceBinding()
                        ? Pace.binding(kept.paceNanos())
                        : Pace.yielding(kept.paceNanos(), kept.reservation()));
    }

    /**
     * Gives the reservation back.
     *
     * @throws SchedulingRefusedException if the kernel refuses; the worker goes on keeping to it
     */
    void release() {
        WorkerCommand.Meter kept = reserved;
        try {
            ThreadScheduling.leaveDeadline(self);
        } catch (SchedulingRefusedException refused) {
            if (kept != null) {
                keepTo(kept); // with a new meter: of the yields that were in vain the old one knows nothing
            }
            throw refused;
        }
        reserved = null;
        metering.end();
        spare = SpareTime.none();
        policy = unreserved();
    }

    /** Passes the time after a visit; returns what time it is when the next is to begin. */
    long after(int found) {
        long now = System.nanoTime();
        stalls.gap(now - port.lookedNanos());
        if (port.visitedFrames() > 0 || !looking) {
            tally.add(Counter.VISITS, 1);
        }
        if (lending.isDue(now)) {
            now = lending.lend(now);
        }
        looking = found != GuestPort.MORE
                && port.waitsForClaimNanos(now) == 0
                && spare.looksOn(port.visitedFrames(), policy.busy(), now);
        if (looking) {
            policy.looked(port.visitedFrames());
            return now;
        }
        if (found != GuestPort.MORE) {
            return metering.spentBySleeping(now) ? giveUp(now) : rest(now);
        }
        return metering.spent(now) ? giveUp(now) : now;
    }

    /** Sleeps until there may be something to do, and with enough of the budget to do it. */
    private long rest(long now) {
        boolean quiet = policy.blocks(port.visitedFrames(), now)
                || port.heldBackNanos() > policy.paceNanos()
                || (!policy.busy() && spare.suffices(now));
        boolean mustComeBack = port.mustComeBack() || commands.keepsPosts() || commands.isHeldUp();
        long awake = quiet && !mustComeBack ? block(now) : pace();
        return metering.spent(awake) ? giveUp(awake) : awake;
    }

    /** Returns in the next period; then something is done in any case, however little the way back has left of it. */
    private long giveUp(long now) {
        tally.add(Counter.YIELDS, 1);
        policy.spent(now);
        if (!policy.busy()) {
            spare.spent(now);
        }
        self.yieldUntilNextPeriod();
        long back = System.nanoTime();
        // The next period begins within one.
        stalls.gap(back - now - metering.periodNanos());
        spare.slept(back);
        metering.yielded(back);
        return back;
    }

    private long pace() {
        long asleep = System.nanoTime();
        long wake = asleep + spare.paceNanos(policy.paceNanos());
        metering.aboutToSleep(asleep);
        boolean slept = self.sleepUntil(wake);
        long awake = System.nanoTime();
        stalls.gap(awake - wake);
        spare.slept(awake);
        if (slept) {
            metering.wokeUp(wake, awake, policy);
        }
        return awake;
    }

    private long block(long now) {
        doorbell.listen();
        // Listen first, look once more second: see Doorbell.
        boolean pending = port.arm() || commands.isPending();
        long awake = now;
        if (!pending) {
            tally.add(Counter.BLOCKS, 1);
            tally.flush();
            metering.aboutToSleep(System.nanoTime());
            await(longestBlockNanos(now));
            awake = System.nanoTime();
            spare.slept(awake);
            metering.wokeUp(awake);
        }
        doorbell.ignore();
        port.disarm();
        return awake;
    }

    /** Until the VM's limit lets frames through that wait for it, or it is time to lend to whoever holds some up; 0 if none does. */
    private long longestBlockNanos(long now) {
        long heldBack = port.heldBackNanos();
        long waited = port.waitsForClaimNanos(now);
        if (waited == 0) {
            return heldBack;
        }
        long untilLending = lending.dueInNanos(waited, now);
        return heldBack == 0 ? untilLending : Math.min(heldBack, untilLending);
    }

    /** Blocks until somebody calls, or for so long at most if that is not 0. */
    private void await(long longestNanos) {
        if (longestNanos > 0) {
            events.awaitNanos(longestNanos);
        } else {
            events.await(-1);
        }
    }
}
