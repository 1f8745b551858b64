package io.ringfence.dataplane.cost;

/** There is no cost model that holds for this host: what was found, and how to get one. */
public final class CostModelRefusedException extends RuntimeException {
    CostModelRefusedException(String message) {
        super(message);
    }
}
