package io.ringfence.dataplane.cli;

import io.ringfence.dataplane.diagnosis.Diagnosis;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The hidden option that spoils a run on purpose, to show what its rules are good for. */
final class DiagnosisOption {
    @Option(names = "--diagnose", hidden = true, split = ",", paramLabel = "WORD", converter = Converter.class)
    private Set<Diagnosis> wanted = EnumSet.noneOf(Diagnosis.class);

    /** What is to be done; nothing unless asked for. */
    Set<Diagnosis> wanted() {
        return wanted;
    }

    /** Called by picocli. */
    static final class Converter implements ITypeConverter<Diagnosis> {
        @Override
        public Diagnosis convert(String word) {
            return Arrays.stream(Diagnosis.values())
                    .filter(diagnosis -> diagnosis.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("found `" + word + "`; expected one of "
                            + Arrays.stream(Diagnosis.values())
                                    .map(Diagnosis::word)
                                    .collect(Collectors.joining(", "))));
        }
    }
}
