package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.offset;

import dev.millrace.exafs.FeffFileException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class FeffFileTest {
    private static final int PATH_LINE = 12;

    @TempDir
    Path folder;

    @Test
    void read_realFiles_allWork() throws IOException {
        ExafsReference.assumeHere();
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);
        List<Path> files = ExafsReference.realFiles();
        assertThat(files).hasSize(654);
        for (Path file : files) {
            FeffPath path = FeffFile.read(file);

            assertThat(path.arrays().size()).isIn(49, 59);
            assertThat(path.arrays().k()[0]).isEqualTo(0.0);
            assertThat(path.arrays().k()[path.arrays().size() - 1]).isEqualTo(20.0);
            assertThat(path.absorber().potential()).isZero();
            assertThat(PathGeometry.agrees(path)).as(file.toString()).isTrue();
            assertThat(calculator.covers(path.arrays())).isTrue();
            assertThat(calculator.calculate(path).chi()).hasSize(401);
        }
    }

    @Test
    void read_headers_areThoseOfLarch() throws IOException {
        ExafsReference.assumeHere();
        Map<String, Path> files = ExafsReference.paths();
        for (Map.Entry<String, JsonNode> entry :
                ExafsReference.meta().get("header_values").properties()) {
            FeffPath path = FeffFile.read(files.getOrDefault(entry.getKey(), Path.of("")));
            JsonNode header = entry.getValue();

            assertThat(path.title()).isEqualTo(header.get("title").asString());
            assertThat(path.version()).isEqualTo(header.get("version").asString());
            assertThat(path.shell()).isEqualTo(header.get("shell").asString());
            assertThat(path.absorber().label()).isEqualTo(header.get("absorber").asString());
            assertThat(path.exchange()).isEqualTo(header.get("exch").asString());
            assertThat(path.legCount()).isEqualTo(header.get("nleg").asInt());
            assertThat(path.arrays().size()).isEqualTo(header.get("n_k").asInt());
            double[] found = {
                path.degeneracy(),
                path.halfLength(),
                path.normanRadius(),
                path.edge(),
                path.coreHoleWidth(),
                path.chemicalPotential(),
                path.fermiMomentum() * path.fermiMomentum() * ChiCalculator.ENERGY_OF_K_SQUARED,
                path.interstitialPotential(),
                path.interstitialRadius(),
                PathGeometry.reducedMass(path)
            };
            String[] names = {"degen", "reff", "rnorman", "edge", "gam_ch", "vmu", "vfermi", "vint", "rs_int", "rmass"};
            for (int i = 0; i < names.length; i++) {
                double expected = header.get(names[i]).asDouble();
                assertThat(found[i])
                        .as("%s %s", entry.getKey(), names[i])
                        .isEqualTo(expected, offset(1e-12 * Math.abs(expected)));
            }
            assertAtoms(path, header);
        }
    }

    private static void assertAtoms(FeffPath path, JsonNode header) {
        JsonNode geometry = header.get("geom");
        for (int i = 0; i < path.legCount(); i++) {
            JsonNode atom = geometry.get(i);
            assertThat(path.atoms().get(i))
                    .isEqualTo(new PathAtom(
                            Double.parseDouble(atom.get(4).asString().trim()) + 0.0,
                            Double.parseDouble(atom.get(5).asString().trim()) + 0.0,
                            Double.parseDouble(atom.get(6).asString().trim()) + 0.0,
                            atom.get(2).asInt(),
                            atom.get(1).asInt(),
                            atom.get(0).asString()));
        }
        JsonNode potentials = header.get("potentials");
        assertThat(path.potentials()).hasSize(potentials.size());
        for (int i = 0; i < potentials.size(); i++) {
            JsonNode potential = potentials.get(i);
            assertThat(path.potentials().get(i))
                    .isEqualTo(new FeffPath.Potential(
                            potential.get(0).asInt(),
                            potential.get(1).asInt(),
                            potential.get(2).asDouble(),
                            potential.get(3).asDouble()));
        }
    }

    @Test
    void read_edgeCases_workOrAreNamed() throws IOException {
        ExafsReference.assumeHere();
        Path edge = ExafsReference.DATA.resolve("edge_cases");

        assertThat(FeffFile.read(edge.resolve("blank.dat")).pathType()).isEqualTo("U-U-O");
        FeffPath many = FeffFile.read(edge.resolve("deg.dat"));
        assertThat(many.degeneracy()).isEqualTo(1048);
        assertThat(many.legCount()).isEqualTo(3);
        assertRefused(edge.resolve("empty.dat"), Reason.EMPTY, 0);
        assertRefused(edge.resolve("nan.dat"), Reason.NOT_A_NUMBER, 20);
        assertRefused(edge.resolve("star.dat"), Reason.NOT_A_NUMBER, 20);
        assertRefused(edge.resolve("trunc.dat"), Reason.TRUNCATED, 30);
    }

    private static void assertRefused(Path file, Reason reason, int line) {
        assertThatExceptionOfType(FeffFileException.class)
                .isThrownBy(() -> FeffFile.read(file))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(reason);
                    assertThat(failure.line()).isEqualTo(line);
                    assertThat(failure.file()).isEqualTo(file);
                    assertThat(failure).hasMessageContaining(file.toString());
                });
    }

    @Test
    void parse_wholeFile_givesAllOfIt() throws IOException {
        FeffPath path = SyntheticFeff.path();

        assertThat(path.title()).isEqualTo("Made up, as FEFF would print it");
        assertThat(path.version()).isEqualTo("Feff 8.50L");
        assertThat(path.shell()).isEqualTo("L3");
        assertThat(path.exchange()).isEqualTo("H-L exch");
        assertThat(path.pathType()).isEqualTo("U-O-Fe");
        assertThat(PathType.of(path).elementName()).isEqualTo("U-O-Fe");
        assertThat(path.degeneracy()).isEqualTo(12);
        assertThat(path.halfLength()).isEqualTo(4.3028);
        assertThat(path.edge()).isEqualTo(-8.11371);
        assertThat(path.potentials())
                .extracting(FeffPath.Potential::atomicNumber)
                .containsExactly(92, 26, 8);
        assertThat(path.atoms().get(2)).isEqualTo(new PathAtom(2, 3, 0, 1, 26, "Fe"));
        assertThat(path.arrays().size()).isEqualTo(59);
        assertThat(path.arrays().meanFreePath()[0]).isEqualTo(4);
    }

    @Test
    void parse_variationsOfRealFiles_areTheSamePath() throws IOException {
        String text = SyntheticFeff.text();
        FeffArrays plain = SyntheticFeff.parse(text).arrays();
        int arrays = text.indexOf("  0.000");
        String hashed = text.substring(0, arrays).replaceAll("(?m)^ ", "#") + text.substring(arrays);
        String wide = text.substring(0, arrays).replaceAll("(?m)^", "# ") + text.substring(arrays);

        for (String variant : List.of(
                hashed,
                wide,
                text.replace("\n", "\r\n"),
                text.replace("\n", "\r"),
                text + "\n  \n\n",
                text.substring(0, text.length() - 1),
                text.replace("  0.000 ", " -0.000 "),
                text.replace("  0.000 ", "   .000 "),
                text.replace("E+", "D+"),
                text.replace(" K ", " L3 "))) {
            FeffPath path = SyntheticFeff.parse(variant);

            assertThat(path.pathType()).isEqualTo("U-O-Fe");
            assertThat(path.atoms().get(1)).isEqualTo(new PathAtom(0, 3, 0, 2, 8, "O"));
            assertThat(path.arrays().k()).isEqualTo(plain.k());
            assertThat(path.arrays().magnitude()).isEqualTo(plain.magnitude());
        }
    }

    @Test
    void parse_mergedColumns_areReadByTheFormat() throws IOException {
        FeffPath path = SyntheticFeff.parse(SyntheticFeff.text()
                .replace("   3  12.000   4.3028    2.5893   -8.11371", "   39999.999   4.3028    2.5893-1234.11371")
                .replace("    2.0000    3.0000    0.0000  1  26 Fe", " -100.0000-2345.6789 -100.0000 11 118Ubiqui"));

        assertThat(path.legCount()).isEqualTo(3);
        assertThat(path.degeneracy()).isEqualTo(9999.999);
        assertThat(path.edge()).isEqualTo(-1234.11371);
        assertThat(path.atoms().get(2)).isEqualTo(new PathAtom(-100, -2345.6789, -100, 11, 118, "Ubiqui"));
    }

    @Test
    void parse_blankLabel_becomesTheSymbol() throws IOException {
        assertThat(SyntheticFeff.parse(SyntheticFeff.text().replace("1  26 Fe", "1  26"))
                        .pathType())
                .isEqualTo("U-O-Fe");
        assertThat(SyntheticFeff.parse(SyntheticFeff.text().replace(" 92 U        absorbing", " 92          absorbing"))
                        .pathType())
                .isEqualTo("U-O-Fe");
        assertThat(SyntheticFeff.parse(SyntheticFeff.text().replace("0  92 U        absorbing", "0 92 absorbing"))
                        .pathType())
                .isEqualTo("U-O-Fe");
    }

    @Test
    void parse_labelsThatAreNoElements_stayAndElementsComeFromZ() throws IOException {
        FeffPath path = SyntheticFeff.parse(SyntheticFeff.text().replace("2   8 O", "2   8 Oax\u00e9"));

        assertThat(path.pathType()).isEqualTo("U-Oax\u00e9-Fe");
        assertThat(PathType.of(path).elementName()).isEqualTo("U-O-Fe");
    }

    @Test
    void parse_titlesThatLookLikeHeaders_areTitles() throws IOException {
        FeffPath path = SyntheticFeff.parse(SyntheticFeff.text()
                .replace(" of three lines of title", " Potassium, Absorption\n Mu=x\n --------------------"));

        assertThat(path.potentials()).hasSize(3);
        assertThat(path.chemicalPotential()).isEqualTo(-8.114);
    }

    @Test
    void parse_damage_isNamedWithItsLine() {
        String text = SyntheticFeff.text();
        assertDamage("", Reason.EMPTY, 0);
        assertDamage(" \n\0\n", Reason.EMPTY, 0);
        assertDamage("just a title\n", Reason.TRUNCATED, 1);
        assertDamage(text.replace(" Abs ", " abs "), Reason.TRUNCATED, 76);
        assertDamage(text.replace(" Gam_ch=", " Gam="), Reason.MALFORMED_HEADER, 11);
        assertDamage(text.replace("Rs_int= 1.717", "Rs_int=******"), Reason.NOT_A_NUMBER, 8);
        assertDamage(text.replace("Z=26", "Z=126"), Reason.MALFORMED_HEADER, 5);
        assertDamage(text.replace("   3  12.000", "   4  12.000"), Reason.WRONG_ATOM_COUNT, PATH_LINE);
        assertDamage(text.replace("   3  12.000", "   2  12.000"), Reason.WRONG_ATOM_COUNT, PATH_LINE);
        assertDamage(text.replace("   3  12.000", "   1  12.000"), Reason.MALFORMED_HEADER, PATH_LINE);
        assertDamage(text.replace("   3  12.000", "   3********"), Reason.MALFORMED_HEADER, PATH_LINE);
        assertDamage(text.replace("   3  12.000", "   3 *******"), Reason.NOT_A_NUMBER, PATH_LINE);
        assertDamage(text.replace("   3  12.000", "   3 -12.000"), Reason.MALFORMED_HEADER, PATH_LINE);
        assertDamage(text.replace("   4.3028", "   0.0400"), Reason.MALFORMED_HEADER, PATH_LINE);
        assertDamage(text.replace("2   8 O", "2   0"), Reason.MALFORMED_HEADER, PATH_LINE + 3);
        assertDamage(text.replace("2   8 O", "2 119 O"), Reason.MALFORMED_HEADER, PATH_LINE + 3);
        assertDamage(text.replace("  0.500 ", "  0.400 "), Reason.UNORDERED_K, 23);
        assertDamage(text.replace("  0.500 ", "  x.500 "), Reason.MALFORMED_ROW, 23);
        assertDamage(text.replace("  0.500 ", "  0.500 1.0 "), Reason.MALFORMED_ROW, 23);
        assertDamage(text.replace("  0.500 ", "  "), Reason.MALFORMED_ROW, 23);
        assertDamage(text.replace("  4.0000E+00 ", " -4.0000E+00 "), Reason.MALFORMED_ROW, 18);
        assertDamage(text.replace("  4.0000E+00 ", "  Infinity "), Reason.NOT_A_NUMBER, 18);
        assertDamage(text.replace("  4.0000E+00 ", "  4.00E+1000 "), Reason.NOT_A_NUMBER, 18);
        assertDamage(text.substring(0, text.indexOf("  0.300")), Reason.TRUNCATED, 20);
        assertDamage(text.substring(0, text.indexOf("  0.300") + 40), Reason.TRUNCATED, 21);
        assertDamage(text.substring(0, text.indexOf("    k   ")), Reason.TRUNCATED, 16);
        assertDamage(text.substring(0, text.indexOf("   4.3028")), Reason.TRUNCATED, PATH_LINE);
    }

    private static void assertDamage(String text, Reason reason, int line) {
        try {
            FeffPath path = SyntheticFeff.parse(text);
            fail("expected " + reason + ", found " + path);
        } catch (FeffFileException e) {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
            if (line > 0) {
                assertThat(e.line()).as(e.getMessage()).isEqualTo(line);
                assertThat(e).hasMessageEndingWith(SyntheticFeff.NAME + ", line " + line + ").");
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    @Test
    void read_noFileAndNoSuchSize_areRefused() throws IOException {
        assertThatExceptionOfType(FeffFileException.class)
                .isThrownBy(() -> FeffFile.read(folder.resolve("feff0001.dat")))
                .withCauseInstanceOf(NoSuchFileException.class)
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.UNREADABLE));
        Path large = folder.resolve("feff0002.dat");
        Files.write(large, new byte[(16 << 20) + 1]);
        assertRefused(large, Reason.UNREADABLE, 0);
        assertThatExceptionOfType(FeffFileException.class)
                .isThrownBy(() -> FeffFile.read(folder))
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.UNREADABLE));
    }

    @Test
    void parse_content_isNotChanged() throws IOException {
        byte[] content = SyntheticFeff.text().replaceAll("(?m)^ Pot", "#Pot").getBytes(StandardCharsets.ISO_8859_1);
        byte[] before = content.clone();

        assertThat(FeffFile.parse(SyntheticFeff.NAME, content).potentials()).hasSize(3);
        assertThat(content).isEqualTo(before);
    }

    /** Every cut and many flipped bytes: the file is refused by name, or what comes of it is finite. */
    @Test
    void parse_anyDamage_isRefusedOrFinite() throws IOException {
        byte[] whole = SyntheticFeff.text().getBytes(StandardCharsets.ISO_8859_1);
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);
        Random random = new Random(6);
        int refused = 0;
        for (int round = 0; round < 30_000; round++) {
            byte[] damaged = whole.clone();
            int kind = round % 3;
            if (kind == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(whole.length));
            }
            int flips = kind == 0 ? 0 : 1 + random.nextInt(kind == 1 ? 1 : 20);
            for (int i = 0; i < flips; i++) {
                int place = random.nextInt(damaged.length);
                damaged[place] = random.nextBoolean()
                        ? (byte) random.nextInt(256)
                        : (byte) "0123456789+-.E *#\n\r\t".charAt(random.nextInt(19));
            }
            refused += isRefused(damaged, calculator) ? 1 : 0;
        }
        assertThat(refused).isBetween(5_000, 29_000);
    }

    private static boolean isRefused(byte[] content, ChiCalculator calculator) {
        FeffPath path;
        try {
            path = FeffFile.parse(SyntheticFeff.NAME, content);
        } catch (FeffFileException e) {
            assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
            return true;
        }
        try {
            for (double value : calculator.calculate(path).chi()) {
                assertThat(value).isFinite();
            }
        } catch (ArithmeticException e) {
            return true;
        }
        return false;
    }
}
