package io.ringfence.bench.peer;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a switch and its load have of this host.
 *
 * @param folder for sockets and whatever files they need
 * @param switchCpu for the packet work of the switch, and nothing else
 * @param loadCpu for the load and everything else
 * @param memory huge pages, for those that need them; null if none does
 */
public record Place(
        Path folder, int switchCpu, int loadCpu, @Nullable Hugepages memory) {
    /** The same with huge pages. */
    public Place withHugepages(Hugepages reserved) {
        return new Place(folder, switchCpu, loadCpu, reserved);
    }

    /** Its huge pages, for one that cannot do without. */
    public Hugepages hugepages() {
        if (memory == null) {
            throw new IllegalStateException("no huge pages were reserved for a switch that needs them");
        }
        return memory;
    }
}
