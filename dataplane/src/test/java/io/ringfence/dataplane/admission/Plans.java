package io.ringfence.dataplane.admission;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuLimit.Origin;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;

/** Plans of small configurations for a host with known costs and limits. */
public final class Plans {
    /** Nine tenths of a CPU. */
    static final CpuLimit LIMIT = new CpuLimit((1 << 20) * 9L / 10, Origin.READ);

    private Plans() {}

    /** Round numbers of the size that such costs have; those of docs/guarantees.md. */
    public static CostModel costs() {
        return new CostModel(
                new CostModel.Side(constant(100), constant(0), constant(20), constant(0.1), constant(500)),
                new CostModel.Side(constant(80), constant(0), constant(10), constant(0.1), constant(300)),
                new CostModel.WakeUp(constant(5_000), constant(2_000)));
    }

    /** The first CPUs. */
    public static BitSet online(int count) {
        BitSet cpus = new BitSet();
        cpus.set(0, count);
        return cpus;
    }

    private static CostDistribution constant(double nanos) {
        return CostDistribution.constant(nanos);
    }

    /** A configuration with these VMs, each a name and what follows the network. */
    static Configuration configuration(String cpus, List<String> vms) throws ConfigurationException {
        String text = "host: { cpus: [%s] }\nnetworks: [{ name: blue }]\nvms:\n".formatted(cpus)
                + vms.stream()
                        .map(vm -> {
                            String name = vm.substring(0, vm.indexOf(' '));
                            return "  - { name: %s, socket: /run/%s.sock, network: blue, %s }\n"
                                    .formatted(name, name, vm.substring(name.length() + 1));
                        })
                        .collect(Collectors.joining());
        return Configuration.parse(text, "test.yaml");
    }

    /** Plans such a configuration. */
    public static AdmissionPlan plan(String cpus, List<String> vms) throws ConfigurationException {
        return new AdmissionPlan(configuration(cpus, vms), Plans::costs, cpu -> LIMIT);
    }

    static AdmissionPlan plan(String cpus, String... vms) throws ConfigurationException {
        return plan(cpus, List.of(vms));
    }
}
