package io.ringfence.dataplane.cost;

/** There is no cost model that holds for this host: what was found, and how to get one. */
public final class CostModelRefusedException extends RuntimeException {
    private final String found;

    CostModelRefusedException(String found) {
        super(found + "; measure this host with `ringfence calibrate`");
        this.found = found;
    }

    /** What was found, without the remedy. */
    public String found() {
        return found;
    }
}
