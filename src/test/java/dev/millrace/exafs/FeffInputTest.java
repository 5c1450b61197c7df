package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FeffInputTest {
    private static final Path NAME = Path.of("feff.inp");

    @Test
    void parse_commentsAndTags_areSkipped() throws IOException {
        FeffInput input = FeffInput.parse(NAME, """
                TITLE Potassium, with ATOMS in it
                * a remark
                POTENTIALS
                *    ipot   Z  element
                       0    92  U      2 2 1   * with a remark
                       1     8
                # and another
                ATOMS                  * this list contains 3 atoms
                 *   x          y          z     ipot tag           distance
                    1.36705    1.36705    1.36705  1  O.1           2.36780
                   -0.5 .25 1e0 0 U 0.0
                    1 2 3 1
                 END
                    9 9 9 0
                """);

        assertThat(input.atoms()).hasSize(3);
        assertThat(input.absorber()).isEqualTo(new FeffInput.Atom(-0.5, 0.25, 1, 0));
        assertThat(input.absorberAtomicNumber()).isEqualTo(92);
        assertThat(input.potentials()).extracting(FeffInput.Potential::label).containsExactly("U", "");
    }

    @Test
    void parse_multiplier_scalesPositions() throws IOException {
        FeffInput input = FeffInput.parse(NAME, "atoms\n1 2 3 0\nRmultiplier 2.0\n");

        assertThat(input.absorber()).isEqualTo(new FeffInput.Atom(2, 4, 6, 0));
        assertThat(input.absorberAtomicNumber()).isZero();
    }

    @Test
    void parse_whatIsNoList_isRefusedWithItsLine() {
        assertThatThrownBy(() -> FeffInput.parse(NAME, ""))
                .hasMessage("Cannot read FEFF's input: expected one atom of potential 0 below ATOMS, found 0"
                        + " (feff.inp).");
        assertThatThrownBy(() -> FeffInput.parse(NAME, "ATOMS\n0 0 0 0\n1 1 1 0"))
                .hasMessageContaining("found 2");
        assertThatThrownBy(() -> FeffInput.parse(NAME, "ATOMS\n0 0 0\n"))
                .hasMessageContaining(
                        "expected x, y, z and the potential of an atom, found 3 words (feff.inp, line 2)");
        assertThatThrownBy(() -> FeffInput.parse(NAME, "ATOMS\n0 NaN 0 0\n")).hasMessageContaining("'NaN'");
        assertThatThrownBy(() -> FeffInput.parse(NAME, "ATOMS\n0 0 0 ipot\n")).hasMessageContaining("'ipot'");
    }

    @Test
    void read_realInputs_giveTheAbsorberOfTheirPaths() throws IOException {
        ExafsReference.assumeHere();
        List<Path> inputs;
        try (Stream<Path> found = Files.walk(ExafsReference.DATA)) {
            inputs = found.filter(file -> file.endsWith("feff.inp")).toList();
        }
        assertThat(inputs).hasSize(23);
        for (Path file : inputs) {
            FeffInput input = FeffInput.read(file);
            PathAtom absorber =
                    FeffFile.read(file.resolveSibling("feff0001.dat")).absorber();

            assertThat(input.absorberAtomicNumber()).as(file.toString()).isEqualTo(absorber.atomicNumber());
        }
    }
}
