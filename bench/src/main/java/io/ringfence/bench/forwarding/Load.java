package io.ringfence.bench.forwarding;

/** Who sends, and how many ways. */
enum Load {
    /** Guest A of our generator sends as much as its queue takes; guest B receives and checks every frame. */
    ONE_WAY("one way, generator"),
    /** Both guests of our generator send as much as their queues take, and check every frame. */
    TWO_WAYS("two ways, generator"),
    /** DPDK's virtio-user ports send back whatever they receive: a closed loop of 30 bursts of 32 frames each way. */
    CLOSED_LOOP("two ways, closed loop of testpmd");

    private final String title;

    Load(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
