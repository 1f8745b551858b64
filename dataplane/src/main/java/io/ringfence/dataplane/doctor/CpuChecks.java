package io.ringfence.dataplane.doctor;

import io.ringfence.config.CpuIdle;
import io.ringfence.scheduler.linux.CpuList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The dataplane CPUs, and what else may run on them. */
final class CpuChecks {
    private static final String CPUS = "/sys/devices/system/cpu/cpu";
    private static final int NAMED_INTERRUPTS = 3;

    private static final String ALLOWED = "Cpus_allowed_list:";

    private CpuChecks() {}

    static Finding present(Host host) {
        BitSet missing = (BitSet) host.dataplaneCpus().clone();
        missing.andNot(host.online());
        if (!missing.isEmpty()) {
            return Finding.error(
                    Host.named(missing) + " of host.cpus not online; there are " + Host.list(host.online()),
                    "choose others in host.cpus" + switchOn(host, missing.nextSetBit(0)));
        }
        if (host.dataplaneCpus().isEmpty() || host.housekeeping().isEmpty()) {
            return Finding.error(
                    "no CPU is left for the JVM and the rest of the host (online: " + Host.list(host.online()) + ")",
                    "give the host one more CPU, or host.cpus one less");
        }
        BitSet housekeeping = host.housekeeping();
        ownCpus(host).ifPresent(housekeeping::and);
        if (housekeeping.isEmpty()) {
            return startedElsewhere(host);
        }
        return Finding.ok("dataplane " + Host.list(host.dataplaneCpus()) + ", housekeeping " + Host.list(housekeeping));
    }

    /** On dataplane CPUs only: then `run` takes the others of its cpuset. */
    private static Finding startedElsewhere(Host host) {
        BitSet ofCpuset = host.housekeeping();
        Cpusets.of(host.files()).flatMap(Cpusets::ownCpus).ifPresent(ofCpuset::and);
        return ofCpuset.isEmpty()
                ? Finding.error(
                        "no CPU is left for housekeeping: the cpuset of this process has none of "
                                + Host.list(host.housekeeping()),
                        "start Ringfence in a cpuset with more CPUs (AllowedCPUs= of its unit), or take fewer in"
                                + " host.cpus")
                : Finding.warning(
                        "this process was started on none of " + Host.list(host.housekeeping())
                                + ": housekeeping has all others of its cpuset, " + Host.list(ofCpuset),
                        "start Ringfence on some of these (CPUAffinity= of its unit, taskset), or on all");
    }

    /** By affinity and cpuset, in which `run` keeps its other threads. */
    private static Optional<BitSet> ownCpus(Host host) {
        return host.files()
                .read("/proc/self/status")
                .flatMap(status ->
                        status.lines().filter(line -> line.startsWith(ALLOWED)).findFirst())
                .map(line -> CpuList.parse(line.substring(ALLOWED.length()).strip()));
    }

    private static String switchOn(Host host, int cpu) {
        String file = CPUS + cpu + "/online";
        return host.files().read(file).isEmpty() ? "" : ", or: echo 1 > " + file;
    }

    static Finding governor(Host host) {
        List<String> slow = new ArrayList<>();
        BitSet cpus = new BitSet();
        boolean known = false;
        for (int cpu : host.dataplaneCpus().stream().toArray()) {
            String governor =
                    host.files().read(CPUS + cpu + "/cpufreq/scaling_governor").orElse("");
            known |= !governor.isEmpty();
            if (!governor.isEmpty() && !governor.equals("performance")) {
                cpus.set(cpu);
                slow.add(governor);
            }
        }
        if (!cpus.isEmpty()) {
            return Finding.warning(
                    String.join(", ", new TreeSet<>(slow)) + " on " + Host.named(cpus)
                            + ": what a packet costs changes with the frequency",
                    "for c in " + spaced(cpus) + "; do echo performance > " + CPUS
                            + "$c/cpufreq/scaling_governor; done");
        }
        return Finding.ok(known ? "performance" : "the frequency is not controlled here");
    }

    /** Whether the kernel's idle loop can be told to poll: admin-guide/pm/cpuidle.rst. */
    static Finding idle(Host host) {
        if (host.idle() == CpuIdle.SLEEP) {
            return Finding.ok("dataplane CPUs may sleep, as host.idle says");
        }
        BitSet driverless = new BitSet();
        BitSet present = (BitSet) host.dataplaneCpus().clone();
        present.and(host.online());
        for (int cpu : present.stream().toArray()) {
            if (host.files()
                    .read(CPUS + cpu + "/power/pm_qos_resume_latency_us")
                    .isEmpty()) {
                return Finding.warning(
                        "this kernel cannot keep CPU " + cpu + " awake while it is idle: workers wake more slowly",
                        "set host.idle: sleep, or boot with idle=poll");
            }
            if (host.files().read(CPUS + cpu + "/cpuidle/state0/name").isEmpty()) {
                driverless.set(cpu);
            }
        }
        return driverless.isEmpty()
                ? Finding.ok("dataplane CPUs stay awake while Ringfence runs")
                : Finding.warning(
                        Host.named(driverless)
                                + " without an idle driver: they halt when idle, and workers wake more slowly",
                        "modprobe cpuidle-haltpoll force=1, or boot with idle=poll");
    }

    static Finding siblings(Host host) {
        BitSet strangers = new BitSet();
        BitSet shared = new BitSet();
        for (int cpu : host.dataplaneCpus().stream().toArray()) {
            BitSet others = cpus(host, CPUS + cpu + "/topology/thread_siblings_list");
            others.and(host.online());
            others.clear(cpu);
            if (others.intersects(host.dataplaneCpus())) {
                shared.set(cpu);
            }
            others.andNot(host.dataplaneCpus());
            strangers.or(others);
        }
        if (!strangers.isEmpty()) {
            return Finding.warning(
                    Host.named(strangers) + " share cores with dataplane CPUs and run other programs",
                    "for c in " + spaced(strangers) + "; do echo 0 > " + CPUS + "$c/online; done");
        }
        if (!shared.isEmpty()) {
            return Finding.warning(
                    Host.named(shared) + " share cores among each other: their workers slow each other down",
                    "take one CPU of each core into host.cpus");
        }
        return Finding.ok("no dataplane CPU shares its core");
    }

    static Finding interrupts(Host host) {
        List<String> numbers = new ArrayList<>();
        List<String> named = new ArrayList<>();
        for (String number : host.files().folders("/proc/irq")) {
            String folder = "/proc/irq/" + number;
            BitSet cpus = cpus(host, folder + "/effective_affinity_list");
            if (cpus.isEmpty()) {
                cpus = cpus(host, folder + "/smp_affinity_list");
            }
            List<String> handlers = host.files().folders(folder);
            if (cpus.intersects(host.dataplaneCpus()) && !handlers.isEmpty()) {
                numbers.add(number);
                named.add(number + " (" + String.join(" ", handlers) + ")");
            }
        }
        if (numbers.isEmpty()) {
            return Finding.ok("none on the dataplane CPUs");
        }
        int shown = Math.min(NAMED_INTERRUPTS, named.size());
        return Finding.warning(
                numbers.size() + " on the dataplane CPUs, whose time is charged to nobody: "
                        + String.join(", ", named.subList(0, shown)) + (shown < named.size() ? ", ..." : ""),
                host.housekeeping().isEmpty()
                        ? ""
                        : "for i in " + String.join(" ", numbers) + "; do echo " + Host.list(host.housekeeping())
                                + " > /proc/irq/$i/smp_affinity_list; done");
    }

    private static BitSet cpus(Host host, String path) {
        try {
            return CpuList.parse(host.files().read(path).orElse(""));
        } catch (IllegalArgumentException unknown) {
            return new BitSet();
        }
    }

    private static String spaced(BitSet cpus) {
        return String.join(" ", cpus.stream().mapToObj(Integer::toString).toList());
    }
}
