package io.ringfence.dataplane.reload;

import io.ringfence.dataplane.admission.PlannedVm;
import java.util.List;

/**
 * A VM that is in both configurations and not the same in them.
 *
 * @param keys what differs, in the words of the configuration file
 */
public record VmChange(PlannedVm before, PlannedVm after, List<String> keys) {
    public VmChange {
        keys = List.copyOf(keys);
    }

    /** The VM's name, which is the same in both. */
    public String name() {
        return after.name();
    }

    /** Whether the share of a CPU that it needs does not become larger. */
    public boolean shrinks() {
        return after.reservation().share() <= before.reservation().share();
    }
}
