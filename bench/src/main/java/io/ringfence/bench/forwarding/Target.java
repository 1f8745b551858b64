package io.ringfence.bench.forwarding;

import io.ringfence.bench.report.Verdict;
import io.ringfence.bench.traffic.LargeFrame;
import java.util.Optional;

/**
 * What Ringfence aims at beside a peer: ratios of medians.
 *
 * @param carried of frames carried
 * @param perCpuSecond of frames carried for each CPU second used; empty if that is not aimed at
 */
record Target(double carried, Optional<Double> perCpuSecond) {
    /**
     * Plain frames are aimed at in the closed loop, large ones under every load; frames in between, the bridge and the floor, nowhere.
     *
     * @param ours one of Ringfence's; under SCHED_OTHER it aims at plain frames beside DPDK's vhost PMD only, but higher
     */
    static Optional<Target> of(Contender ours, Contender peer, Load load, int lengthBytes) {
        return switch (ours) {
            case RINGFENCE -> ofDeadline(peer, load, lengthBytes);
            case RINGFENCE_OTHER -> ofOther(peer, load, lengthBytes);
            default -> Optional.empty();
        };
    }

    private static Optional<Target> ofOther(Contender peer, Load load, int lengthBytes) {
        if (peer != Contender.DPDK_VHOST || load != Load.CLOSED_LOOP) {
            return Optional.empty();
        }
        return switch (lengthBytes) {
            case 64 -> carried(1.2);
            case 1518 -> carried(1.5);
            default -> Optional.empty();
        };
    }

    private static Optional<Target> ofDeadline(Contender peer, Load load, int lengthBytes) {
        if (lengthBytes == LargeFrame.LENGTH_BYTES) {
            return peer == Contender.DPDK_VHOST || peer == Contender.OVS ? carried(1.5) : Optional.empty();
        }
        if (load != Load.CLOSED_LOOP) {
            return Optional.empty();
        }
        return switch (peer) {
            case DPDK_VHOST ->
                switch (lengthBytes) {
                    case 64 -> Optional.of(new Target(1.1, Optional.of(1.25)));
                    case 1518 -> Optional.of(new Target(1.4, Optional.of(1.6)));
                    default -> Optional.empty();
                };
            case OVS -> lengthBytes == 64 || lengthBytes == 1518 ? carried(1.5) : Optional.empty();
            case RINGFENCE, RINGFENCE_RECLAIM, RINGFENCE_OTHER, BRIDGE, FLOOR -> Optional.empty();
        };
    }

    private static Optional<Target> carried(double ratio) {
        return Optional.of(new Target(ratio, Optional.empty()));
    }

    String verdictOnCarried(double ratio) {
        return verdict(carried, ratio);
    }

    String verdictPerCpuSecond(double ratio) {
        return perCpuSecond.map(aim -> verdict(aim, ratio)).orElse("");
    }

    private static String verdict(double aim, double ratio) {
        return "%s, %s".formatted(aim, Verdict.of(ratio >= aim));
    }
}
