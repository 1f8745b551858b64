package io.ringfence.dataplane.reload;

import static java.util.stream.Collectors.toMap;

import io.ringfence.config.Configuration;
import io.ringfence.config.GuaranteeSpec;
import io.ringfence.config.Host;
import io.ringfence.config.JournalSpec;
import io.ringfence.config.Network;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a plan changes of the one that is in force. A VM is what its name says.
 *
 * @param added VMs that are new
 * @param removed VMs that are no longer there
 * @param replaced VMs whose session and workers must be others
 * @param retuned VMs that go on with other entitlements
 * @param unchanged VMs that nothing is done about
 * @param networks networks in both with other settings, as they are to be
 */
public record Difference(
        List<PlannedVm> added,
        List<PlannedVm> removed,
        List<VmChange> replaced,
        List<VmChange> retuned,
        List<PlannedVm> unchanged,
        List<Network> networks) {
    public Difference {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        replaced = List.copyOf(replaced);
        retuned = List.copyOf(retuned);
        unchanged = List.copyOf(unchanged);
        networks = List.copyOf(networks);
    }

    /** Compares two plans, of which the later one keeps the VMs of {@link #staying} where they are. */
    public static Difference between(AdmissionPlan before, AdmissionPlan after) {
        Map<String, PlannedVm> known = byName(before.vms());
        Map<String, PlannedVm> wanted = byName(after.vms());
        List<PlannedVm> added = new ArrayList<>();
        List<VmChange> replaced = new ArrayList<>();
        List<VmChange> retuned = new ArrayList<>();
        List<PlannedVm> unchanged = new ArrayList<>();
        for (PlannedVm vm : after.vms()) {
            PlannedVm earlier = known.get(vm.name());
            if (earlier == null) {
                added.add(vm);
                continue;
            }
            List<String> session = sessionKeys(earlier.vm(), before.cpusOf(earlier), vm.vm());
            List<String> entitlement = entitlementKeys(earlier, vm);
            if (!session.isEmpty()) {
                replaced.add(new VmChange(earlier, vm, joined(session, entitlement)));
            } else if (!entitlement.isEmpty()) {
                retuned.add(new VmChange(earlier, vm, entitlement));
            } else {
                unchanged.add(vm);
            }
        }
        List<PlannedVm> removed = before.vms().stream()
                .filter(vm -> !wanted.containsKey(vm.name()))
                .toList();
        List<Network> networks = changedNetworks(before.configuration(), after.configuration());
        return new Difference(added, removed, replaced, retuned, unchanged, networks);
    }

    private static <T> List<T> joined(List<? extends T> first, List<? extends T> second) {
        return Stream.<T>concat(first.stream(), second.stream()).toList();
    }

    private static Map<String, PlannedVm> byName(List<PlannedVm> vms) {
        return vms.stream().collect(toMap(PlannedVm::name, Function.identity()));
    }

    /** The CPUs of the workers, by the VM's name, of VMs that go on in the next configuration with session and workers. */
    public static Map<String, List<Integer>> staying(AdmissionPlan running, Configuration next) {
        Map<String, PlannedVm> known = byName(running.vms());
        Map<String, List<Integer>> staying = new HashMap<>();
        for (Vm vm : next.vms()) {
            PlannedVm earlier = known.get(vm.name());
            if (earlier != null) {
                List<Integer> cpus = running.cpusOf(earlier);
                if (sessionKeys(earlier.vm(), cpus, vm).isEmpty()) {
                    staying.put(vm.name(), cpus);
                }
            }
        }
        return staying;
    }

    /** What differs that a session, or the workers behind it, cannot take over. */
    private static List<String> sessionKeys(Vm before, List<Integer> cpus, Vm after) {
        Keys keys = new Keys();
        keys.compare("socket", before.socket(), after.socket());
        keys.compare("role", before.role(), after.role());
        keys.compare("network", before.network(), after.network());
        keys.compare("mac", before.mac(), after.mac());
        keys.compare("queues", before.queuePairs(), after.queuePairs());
        keys.compare("offloads", before.offloads(), after.offloads());
        keys.compare("workers", before.workers(), after.workers());
        // A CPU that is named now and was chosen before is no change.
        boolean moved = after.cpu().isPresent()
                && cpus.stream().anyMatch(cpu -> cpu != after.cpu().getAsInt());
        keys.compare("cpu", false, moved);
        return keys.different;
    }

    private static List<String> entitlementKeys(PlannedVm before, PlannedVm after) {
        Keys keys = new Keys();
        keys.compare("limit", before.vm().limit(), after.vm().limit());
        String entitlement = after.vm().entitlement() instanceof GuaranteeSpec ? "guarantee" : "reservation";
        keys.compare(entitlement, before.vm().entitlement(), after.vm().entitlement());
        keys.compare("reclaim", before.vm().reclaim(), after.vm().reclaim());
        boolean same = before.reservation()
                        .equals(after.reservation().reclaiming(before.vm().reclaim()))
                && before.paceNanos() == after.paceNanos();
        if (!same && before.vm().entitlement().equals(after.vm().entitlement())) {
            keys.different.add("cost model");
        }
        return keys.different;
    }

    private static List<Network> changedNetworks(Configuration before, Configuration after) {
        return after.networks().stream()
                .filter(network -> before.networks().stream()
                        .anyMatch(earlier -> earlier.name().equals(network.name()) && !earlier.equals(network)))
                .toList();
    }

    /** Returns what of a new configuration cannot be changed while it runs, a sentence each; empty if all can. */
    public static List<String> needingRestart(Configuration before, Configuration after) {
        List<String> sentences = new ArrayList<>();
        Host host = before.host();
        restart(sentences, "host.cpus", host.cpus(), after.host().cpus());
        restart(sentences, "host.scheduling", host.scheduling(), after.host().scheduling());
        restart(sentences, "host.idle", host.idle(), after.host().idle());
        restart(sentences, "journal.directory", directory(before.journal()), directory(after.journal()));
        restart(sentences, "journal.retain", retain(before.journal()), retain(after.journal()));
        for (Network network : before.networks()) {
            boolean used = before.vms().stream().anyMatch(vm -> vm.network().equals(network.name()));
            after.networks().stream()
                    .filter(next -> used && next.name().equals(network.name()))
                    .forEach(next -> restart(
                            sentences, "mtu of network " + network.name(), network.mtuBytes(), next.mtuBytes()));
        }
        return sentences;
    }

    private static String directory(Optional<JournalSpec> journal) {
        return journal.map(spec -> spec.directory().toString()).orElse("none");
    }

    private static String retain(Optional<JournalSpec> journal) {
        return journal.map(spec -> spec.retainBytes() + " bytes").orElse("none");
    }

    private static void restart(List<String> sentences, String key, Object before, Object after) {
        if (!before.equals(after)) {
            sentences.add(
                    "%s is %s in the file and %s in the run; it cannot be changed while Ringfence runs and needs a restart"
                            .formatted(key, words(after), words(before)));
        }
    }

    private static String words(Object value) {
        return value instanceof Enum<?> constant
                ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
                : value.toString();
    }

    /** VMs that get a worker. */
    public List<PlannedVm> coming() {
        return joined(added, replaced.stream().map(VmChange::after).toList());
    }

    /** VMs whose worker ends. */
    public List<PlannedVm> leaving() {
        return joined(removed, replaced.stream().map(VmChange::before).toList());
    }

    /** Whether there is nothing to be done. */
    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && replaced.isEmpty() && retuned.isEmpty() && networks.isEmpty();
    }

    /** Returns all in a line, such as {@code +carol, -bob, ~alice (limit), 3 unchanged}. */
    public String summary() {
        List<String> words = new ArrayList<>();
        added.forEach(vm -> words.add("+" + vm.name()));
        removed.forEach(vm -> words.add("-" + vm.name()));
        replaced.forEach(change ->
                words.add("~%s (%s: new session)".formatted(change.name(), String.join(", ", change.keys()))));
        retuned.forEach(change -> words.add("~%s (%s)".formatted(change.name(), String.join(", ", change.keys()))));
        networks.forEach(network -> words.add("~network " + network.name()));
        words.add(words.isEmpty() ? "nothing has changed" : unchanged.size() + " unchanged");
        return String.join(", ", words);
    }

    private static final class Keys {
        private final List<String> different = new ArrayList<>();

        private void compare(String key, Object before, Object after) {
            if (!before.equals(after)) {
                different.add(key);
            }
        }
    }
}
