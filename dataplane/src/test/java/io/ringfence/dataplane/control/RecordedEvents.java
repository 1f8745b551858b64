package io.ringfence.dataplane.control;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what the control plane tells the operator. */
final class RecordedEvents implements EventLog {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void event(String vm, String what) {
        lines.add(vm + ": " + what);
    }

    @Override
    public void warning(String vm, String what) {
        lines.add(vm + ": " + what);
    }

    /** Lines about one VM, in order. */
    List<String> of(String vm) {
        return lines.stream().filter(line -> line.startsWith(vm + ": ")).toList();
    }
}
