package dev.millrace.bench;

import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * SMILES strings to encoded graphs, one thread; the score is molecules per second. Takes the shared list of 20,000 SMILES, or
 * the file named by {@code -Dmillrace.smiles}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 6, time = 3)
public class FeaturizeBenchmark {
    @Param({"ogb-9-3", "bitspec-48-6"})
    public String spec;

    private List<String> smiles;
    private FeatureSpec featureSpec;
    private int position;

    @Setup
    public void load() throws IOException {
        smiles =
                Files.readAllLines(Path.of(System.getProperty("millrace.smiles", "../shared/data/chem/smiles20k.smi")));
        featureSpec = FeatureSpec.named(spec);
    }

    @Benchmark
    public void smilesToGraph(Blackhole sink) throws MoleculeFormatException {
        position = position + 1 == smiles.size() ? 0 : position + 1;
        sink.consume(featureSpec.featurize(MoleculeReader.smiles(smiles.get(position))));
    }
}
