package io.ringfence.dataplane.journal;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a VM's guarantee was kept in an interval, and if not, why. */
public enum Verdict {
    /** The VM has a reservation and no guarantee: there is nothing to be kept. */
    @JsonProperty("no-guarantee")
    NO_GUARANTEE("no guarantee"),
    /** Everything that the guest offered was carried within the latency, or within 16 ms where none is guaranteed. */
    @JsonProperty("kept")
    KEPT("kept"),
    /** Not everything was carried in time, for the guest offered more than its guarantee; that much was carried. */
    @JsonProperty("guest-exceeded")
    GUEST_EXCEEDED("guest exceeded"),
    /** Not everything was carried in time, for a receiver had no room, or was not there. */
    @JsonProperty("receiver-held-up")
    RECEIVER_HELD_UP("receiver held up"),
    /** Not everything was carried in time, and neither the guest nor a receiver was the cause: the host did not deliver. */
    @JsonProperty("host-failed")
    HOST_FAILED("HOST FAILED");

    private final String words;

    Verdict(String words) {
        this.words = words;
    }

    /** The verdict as a person reads it. */
    public String words() {
        return words;
    }
}
