package io.ringfence.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.ringfence.config.Refusals.Reach;
import io.ringfence.config.Refusals.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaTest {
    private static final String RESOURCE = "config/src/main/resources/io/ringfence/config/ringfence.schema.json";
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(SchemaGenerator.generate(), InputFormat.JSON);

    @Test
    void shouldBeCommittedAsGenerated() throws IOException {
        Path committed = Path.of(System.getProperty("ringfence.root", "."), RESOURCE);
        if (Boolean.getBoolean("ringfence.schema.update")) {
            Files.writeString(committed, SchemaGenerator.generate());
        }

        assertThat(Files.readString(committed))
                .as(
                        "the schema follows the key definitions; to renew it: mvn test -pl config -Dringfence.schema.update=true")
                .isEqualTo(SchemaGenerator.generate());
    }

    @Test
    void shouldItselfBeAValidSchema() {
        Schema metaSchema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

        assertThat(metaSchema.validate(SchemaGenerator.generate(), InputFormat.JSON))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void shouldAcceptWhatTheParserAccepts(String text) {
        assertThatCode(() -> Configuration.parse(text, "f.yaml")).doesNotThrowAnyException();
        assertThat(SCHEMA.validate(text, InputFormat.YAML)).isEmpty();
    }

    static Stream<String> shouldAcceptWhatTheParserAccepts() {
        return Stream.of(
                Examples.resource("example.yaml"),
                Examples.MINIMAL,
                Examples.minimalWith("cpus: [1]", "{ cpus: [0, 8191], scheduling: deadline-global }"),
                Examples.minimalWith("cpus: [1]", "cpus: [1]\n  scheduling: other"),
                Examples.minimalWith("cpus: [1]", "cpus: [1]\n  idle: sleep"),
                Examples.minimalWith("- name: blue", "- { name: blue, mtu: 68, ageing: 1.5s, mac-limit: 1 }"),
                Examples.minimalWith("name: alice", "name: host1"),
                Examples.minimalWith("name: alice", "name: Host"),
                Examples.MINIMAL.replace("blue", "host"),
                Examples.minimalWith("/run/alice.sock", "\"/run/a b,c=d'e.sock\""),
                Examples.minimalWith("/run/alice.sock", "/" + "x".repeat(106)),
                Examples.minimalWith("name: alice", "name: alice\n    limit: { rate: 1pps }"),
                Examples.minimalWith("name: alice", "name: alice\n    limit: { bandwidth: 1000Gbps, burst: 16384 }"),
                Examples.minimalWith(
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 1kpps, burst: 64 }\n"
                                + "    limit: { rate: 1kpps, bandwidth: 12176kbps, burst: 64 }"),
                Examples.minimalWith("runtime: 100us", "runtime: 10us"),
                Examples.minimalWith("period: 500us", "period: 4.194304s"),
                Examples.minimalWith(
                        "name: alice",
                        "name: alice\n    mac: 02:00:00:00:00:fF\n    queues: 8\n    offloads: off\n    cpu: 1"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldRefuseWhatIsWrongWithoutLookingElsewhere(Refusal refusal) {
        boolean refused = !SCHEMA.validate(refusal.text(), InputFormat.YAML).isEmpty();

        assertThat(refused).as(refusal.text()).isEqualTo(refusal.reach() == Reach.SCHEMA);
    }

    static Stream<Refusal> refusals() {
        return Refusals.all().filter(refusal -> refusal.reach() != Reach.SYNTAX);
    }
}
