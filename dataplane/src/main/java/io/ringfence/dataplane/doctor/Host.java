package io.ringfence.dataplane.doctor;

import io.ringfence.config.Configuration;
import io.ringfence.config.CpuIdle;
import io.ringfence.config.SchedulingRung;
import io.ringfence.scheduler.linux.CpuList;
import java.util.BitSet;
import java.util.stream.Collectors;

/**
 * A host, and what is wanted of it.
 *
 * @param files its files
 * @param jvm the JVM that Ringfence would run on
 * @param dataplaneCpus the CPUs that Ringfence would take
 * @param lowest the lowest rung of the scheduling ladder that is allowed: what is needed for a higher one only is no error
 * @param idle what dataplane CPUs are to do while there is nothing to do
 * @param configured whether a configuration asks for that, so that {@code run} fails if it cannot have these very CPUs
 */
public record Host(
        HostFiles files, Jvm jvm, BitSet dataplaneCpus, SchedulingRung lowest, CpuIdle idle, boolean configured) {
    private static final String ONLINE = "/sys/devices/system/cpu/online";

    /** What a configuration asks of a host. */
    public static Host of(HostFiles files, Jvm jvm, Configuration configuration) {
        BitSet cpus = new BitSet();
        configuration.host().cpus().forEach(cpus::set);
        return new Host(
                files,
                jvm,
                cpus,
                configuration.host().scheduling(),
                configuration.host().idle(),
                true);
    }

    /** What a configuration would ask that takes all CPUs but the first. */
    public static Host of(HostFiles files, Jvm jvm) {
        BitSet cpus = onlineCpus(files);
        cpus.clear(cpus.nextSetBit(0));
        return new Host(files, jvm, cpus, SchedulingRung.DEADLINE, CpuIdle.POLL, false);
    }

    BitSet online() {
        return onlineCpus(files);
    }

    private static BitSet onlineCpus(HostFiles files) {
        return CpuList.parse(files.read(ONLINE).orElse("0"));
    }

    /** The CPUs that stay with everything else. */
    BitSet housekeeping() {
        BitSet rest = online();
        rest.andNot(dataplaneCpus);
        return rest;
    }

    /** Whether a host without what {@code rung} needs is refused. */
    boolean needs(SchedulingRung rung) {
        return lowest.compareTo(rung) <= 0;
    }

    /** A fault that matters from this rung upwards: an error if it is needed, else a warning. */
    Finding fault(SchedulingRung rung, String text, String remedy) {
        return needs(rung) ? Finding.error(text, remedy) : Finding.warning(text, remedy);
    }

    /** CPUs as the kernel writes them, for commands. */
    static String list(BitSet cpus) {
        return CpuList.format(cpus);
    }

    /** CPUs for a sentence. */
    static String named(BitSet cpus) {
        return (cpus.cardinality() == 1 ? "CPU " : "CPUs ")
                + cpus.stream().mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }
}
