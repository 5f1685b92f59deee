"""A Master File with what no Python library can write, its parts put together by hand."""

from __future__ import annotations

import re
from pathlib import Path

from books.foreign_parts import MAIN, OFFICE, OLE, PNG, parts, sheet_parts, zipped

MICROSOFT = "http://schemas.microsoft.com/office"
SPREAD = "application/vnd.openxmlformats-officedocument.spreadsheetml"
EXCEL = "application/vnd.ms-excel"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
X14 = f'xmlns:x14="{MICROSOFT}/spreadsheetml/2009/9/main"'
XR = f'xmlns:xr="{MICROSOFT}/spreadsheetml/2014/revision"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'


class _Surgery:
    """Parts of a book with content types and links added as text."""

    def __init__(self, path: Path) -> None:
        self.parts = parts(path)
        self._last = 100

    def put(self, name: str, data: str | bytes, content_type: str = "") -> None:
        self.parts[name] = data if isinstance(data, bytes) else (HEAD + data).encode()
        if content_type:
            self.change(
                "[Content_Types].xml",
                "</Types>",
                f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>',
            )

    def link(self, part: str, kind: str, target: str, mode: str = "") -> str:
        """Link a part; the link's id."""
        folder, _, file = part.rpartition("/")
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        if name not in self.parts:
            space = "http://schemas.openxmlformats.org/package/2006/relationships"
            self.put(name, f'<Relationships xmlns="{space}"></Relationships>')
        self._last += 1
        kind = kind if "://" in kind else f"{OFFICE}/{kind}"
        mode = f' TargetMode="{mode}"' if mode else ""
        link = f'<Relationship Id="rId{self._last}" Type="{kind}" Target="{target}"{mode}/>'
        self.change(name, "</Relationships>", link + "</Relationships>")
        return f"rId{self._last}"

    def put_before(self, name: str, elements: str, new: str) -> None:
        """Put XML before the first of these elements."""
        text = self.parts[name].decode()
        place = re.search(rf"<(?:{elements})\b", text).start()
        self.parts[name] = (text[:place] + new + text[place:]).encode()

    def change(self, name: str, old: str, new: str) -> None:
        text = self.parts[name].decode()
        assert old in text, (name, old)
        self.parts[name] = text.replace(old, new, 1).encode()


def by_hand(good: Path, folder: Path) -> Path:
    """As Excel writes what no Python library can: slicers, pivots, ribbon, threads, queries, controls, links."""
    book = _Surgery(good)
    book.change("[Content_Types].xml", f"{SPREAD}.sheet.main+xml", f"{EXCEL}.sheet.macroEnabled.main+xml")
    for extension, kind in (("bin", "application/vnd.ms-office.vbaProject"), ("png", "image/png"), ("vml", ""),
                            ("emf", "image/x-emf"), ("dat", "application/octet-stream")):  # fmt: skip
        kind = kind or "application/vnd.openxmlformats-officedocument.vmlDrawing"
        book.change(
            "[Content_Types].xml", "<Override", f'<Default Extension="{extension}" ContentType="{kind}"/><Override'
        )
    _whole_book(book)
    pivot = _own_sheet(book)
    _srm(book)
    _workbook(book, pivot)
    return zipped(folder / "by_hand.xlsm", book.parts)


def _whole_book(book: _Surgery) -> None:
    """Parts that hang on the workbook or the package."""
    workbook = "xl/workbook.xml"
    book.put("xl/vbaProject.bin", OLE)
    book.put("xl/vbaProjectSignature.bin", OLE, "application/vnd.ms-office.vbaProjectSignature")
    book.link(workbook, f"{MICROSOFT}/2006/relationships/vbaProject", "vbaProject.bin")
    book.link("xl/vbaProject.bin", f"{MICROSOFT}/2006/relationships/vbaProjectSignature", "vbaProjectSignature.bin")
    ribbon = '<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon/></customUI>'
    book.put("customUI/customUI14.xml", ribbon)
    book.put("customUI/images/go.png", PNG)
    book.link("", f"{MICROSOFT}/2007/relationships/ui/extensibility", "customUI/customUI14.xml")
    book.link("customUI/customUI14.xml", "image", "images/go.png")
    mashup = f'<DataMashup xmlns="{MICROSOFT.replace("office", "DataMashup")}">AAAAAA==</DataMashup>'
    book.parts["customXml/item1.xml"] = ("\ufeff" + mashup).encode("utf-16-le")
    book.put(
        "customXml/itemProps1.xml",
        '<ds:datastoreItem ds:itemID="{1A9F0E6D-0000-4000-8000-000000000001}" '
        'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"/>',
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    )
    book.link(workbook, "customXml", "../customXml/item1.xml")
    book.link("customXml/item1.xml", "customXmlProps", "itemProps1.xml")
    book.put(
        "xl/connections.xml",
        f'<connections xmlns="{MAIN}"><connection id="1" name="Query - Sales" type="5" refreshedVersion="8" '
        'background="1" saveData="1"><dbPr connection="Provider=Microsoft.Mashup.OleDb.1;Data Source=$Workbook$" '
        'command="[Sales]"/></connection></connections>',
        f"{SPREAD}.connections+xml",
    )
    book.link(workbook, "connections", "connections.xml")
    book.put(
        "xl/persons/person.xml",
        f'<personList xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments">'
        '<person displayName="A Planner" id="{1A9F0E6D-0000-4000-8000-000000000002}" userId="1" providerId="None"/>'
        "</personList>",
        f"{EXCEL}.person+xml",
    )
    book.link(workbook, "http://schemas.microsoft.com/office/2017/10/relationships/person", "persons/person.xml")
    book.put(
        "xl/calcChain.xml", f'<calcChain xmlns="{MAIN}"><c r="D1" i="1" l="1"/></calcChain>', f"{SPREAD}.calcChain+xml"
    )
    book.link(workbook, "calcChain", "calcChain.xml")
    book.put(
        "docProps/custom.xml",
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    )
    book.link("", "custom-properties", "docProps/custom.xml")
    book.put(
        "docMetadata/LabelInfo.xml",
        f'<clbl:labelList xmlns:clbl="{MICROSOFT}/2020/mipLabelMetadata"/>',
        "application/vnd.ms-office.classificationlabels+xml",
    )
    book.link("", f"{MICROSOFT}/2020/02/relationships/classificationlabels", "docMetadata/LabelInfo.xml")
    book.parts["orphan/left-over.dat"] = b"no link leads here"


def _own_sheet(book: _Surgery) -> str:
    """A sheet of the team with everything on it; the id of its pivot's cache."""
    sheet = "xl/worksheets/team.xml"
    book.put(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}" r:id="rId1" refreshedBy="A" refreshedDate="45000" '
        'createdVersion="8" refreshedVersion="8" recordCount="2"><cacheSource type="worksheet">'
        '<worksheetSource ref="A1:B3" sheet="Own"/></cacheSource><cacheFields count="2">'
        '<cacheField name="k" numFmtId="0"><sharedItems count="2"><s v="x"/><s v="y"/></sharedItems></cacheField>'
        '<cacheField name="n" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" '
        'containsNumber="1" containsInteger="1" minValue="1" maxValue="2"/></cacheField></cacheFields>'
        "</pivotCacheDefinition>",
        f"{SPREAD}.pivotCacheDefinition+xml",
    )
    book.put(
        "xl/pivotCache/pivotCacheRecords1.xml",
        f'<pivotCacheRecords xmlns="{MAIN}" count="2"><r><x v="0"/><n v="1"/></r><r><x v="1"/><n v="2"/></r>'
        "</pivotCacheRecords>",
        f"{SPREAD}.pivotCacheRecords+xml",
    )
    records = book.link("xl/pivotCache/pivotCacheDefinition1.xml", "pivotCacheRecords", "pivotCacheRecords1.xml")
    book.change("xl/pivotCache/pivotCacheDefinition1.xml", 'r:id="rId1"', f'r:id="{records}"')
    book.put(
        "xl/pivotTables/pivotTable1.xml",
        f'<pivotTableDefinition xmlns="{MAIN}" name="Pivot" cacheId="7" dataCaption="Values" '
        'updatedVersion="8" createdVersion="8" outline="1" outlineData="1">'
        '<location ref="H1:I4" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
        '<pivotFields count="2"><pivotField axis="axisRow" showAll="0"><items count="3"><item x="0"/><item x="1"/>'
        '<item t="default"/></items></pivotField><pivotField dataField="1" showAll="0"/></pivotFields>'
        '<rowFields count="1"><field x="0"/></rowFields>'
        '<rowItems count="3"><i><x/></i><i><x v="1"/></i><i t="grand"><x/></i></rowItems>'
        '<colItems count="1"><i/></colItems>'
        '<dataFields count="1"><dataField name="Sum of n" fld="1" baseField="0" baseItem="0"/></dataFields>'
        "</pivotTableDefinition>",
        f"{SPREAD}.pivotTable+xml",
    )
    book.link("xl/pivotTables/pivotTable1.xml", "pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml")
    book.link(sheet, "pivotTable", "../pivotTables/pivotTable1.xml")
    book.put(
        "xl/slicerCaches/slicerCache1.xml",
        f'<slicerCacheDefinition xmlns="{MICROSOFT}/spreadsheetml/2009/9/main" name="Slicer_k" sourceName="k">'
        '<pivotTables><pivotTable tabId="99" name="Pivot"/></pivotTables><data><tabular pivotCacheId="7">'
        '<items count="2"><i x="0" s="1"/><i x="1" s="1"/></items></tabular></data></slicerCacheDefinition>',
        f"{EXCEL}.slicerCache+xml",
    )
    book.put(
        "xl/slicers/slicer1.xml",
        f'<slicers xmlns="{MICROSOFT}/spreadsheetml/2009/9/main">'
        '<slicer name="k" cache="Slicer_k" caption="k" rowHeight="241300"/></slicers>',
        f"{EXCEL}.slicer+xml",
    )
    slicer = book.link(sheet, f"{MICROSOFT}/2007/relationships/slicer", "../slicers/slicer1.xml")
    link = book.link(sheet, "hyperlink", "https://example.com/?a=1&amp;b=2", "External")
    book.put("xl/printerSettings/printerSettings1.bin", b"\0printer\xff", f"{SPREAD}.printerSettings")
    printer = book.link(sheet, "printerSettings", "../printerSettings/printerSettings1.bin")
    drawing = _drawing(book, sheet)
    vml = _comments(book, sheet)
    book.put("xl/embeddings/oleObject1.bin", OLE, "application/vnd.openxmlformats-officedocument.oleObject")
    book.put("xl/media/image9.emf", b"\x01\0\0\0emf")
    ole = book.link(sheet, "oleObject", "../embeddings/oleObject1.bin")
    book.put(
        "xl/ctrlProps/ctrlProp1.xml",
        f'<formControlPr xmlns="{MICROSOFT}/spreadsheetml/2009/9/main" objectType="Button" lockText="1"/>',
        f"{EXCEL}.controlproperties+xml",
    )
    book.link(
        sheet,
        f"{MICROSOFT.replace('microsoft', 'openxmlformats')}Document/2006/relationships/ctrlProp",
        "../ctrlProps/ctrlProp1.xml",
    )
    book.put(
        "xl/tables/table4.xml",
        f'<table xmlns="{MAIN}" id="4" name="Own" displayName="Own" ref="A1:B3" tableType="queryTable">'
        '<autoFilter ref="A1:B3"/><tableColumns count="2"><tableColumn id="1" name="k" uniqueName="1" '
        'queryTableFieldId="1"/><tableColumn id="2" name="n" uniqueName="2" queryTableFieldId="2"/></tableColumns>'
        '<tableStyleInfo name="Team style" showRowStripes="1"/></table>',
        f"{SPREAD}.table+xml",
    )
    book.put(
        "xl/queryTables/queryTable1.xml",
        f'<queryTable xmlns="{MAIN}" name="Sales" connectionId="1" autoFormatId="16"><queryTableRefresh nextId="3">'
        '<queryTableFields count="2"><queryTableField id="1" name="k" tableColumnId="1"/>'
        '<queryTableField id="2" name="n" tableColumnId="2"/></queryTableFields></queryTableRefresh></queryTable>',
        f"{SPREAD}.queryTable+xml",
    )
    table = book.link(sheet, "table", "../tables/table4.xml")
    book.link("xl/tables/table4.xml", "queryTable", "../queryTables/queryTable1.xml")
    rule = "{78C0D931-6437-407D-A8EE-F0AAD7539E65}"
    slicers = "{A8765BA9-456A-4DAB-B4F3-ACF838C121DE}"
    book.put(
        sheet,
        f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}" {MC} mc:Ignorable="xr" {XR} '
        'xr:uid="{00000000-0001-0000-0500-000000000000}">'
        '<sheetPr codeName="SheetOwn" filterMode="0"><tabColor theme="4" tint="-0.25"/>'
        '<outlinePr summaryBelow="0"/></sheetPr><dimension ref="A1:I4"/>'
        '<sheetViews><sheetView zoomScale="85" workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        '<cols><col min="3" max="4" width="9" hidden="1" outlineLevel="1"/></cols><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>k</t></is></c><c r="B1" t="inlineStr"><is><t>n</t></is></c>'
        '<c r="D1"><f>SUM(B2:B3)</f><v>3</v></c></row>'
        '<row r="2" hidden="1" outlineLevel="1"><c r="A2" t="inlineStr"><is><t>x</t></is></c><c r="B2"><v>1</v></c>'
        '<c r="D2" t="str"><f>[1]Sheet1!$A$1</f><v>elsewhere</v></c></row>'
        '<row r="3"><c r="A3" t="inlineStr"><is><t xml:space="preserve"> y </t></is></c><c r="B3"><v>2</v></c></row>'
        "</sheetData>"
        '<sheetProtection sheet="1" objects="1"/><protectedRanges><protectedRange sqref="B2" name="Open"/>'
        '</protectedRanges><hyperlinks><hyperlink ref="A2" r:id="'
        f'{link}" tooltip="out"/><hyperlink ref="A3" location="SRM!A1" display="in"/></hyperlinks>'
        f'<pageSetup orientation="landscape" r:id="{printer}"/><rowBreaks count="1" manualBreakCount="1">'
        '<brk id="2" max="16383" man="1"/></rowBreaks><ignoredErrors><ignoredError sqref="A1" numberStoredAsText="1"/>'
        f'</ignoredErrors><drawing r:id="{drawing}"/><legacyDrawing r:id="{vml}"/>'
        f'<oleObjects><oleObject progId="Package" shapeId="1026" r:id="{ole}"/></oleObjects>'
        f'<tableParts count="1"><tablePart r:id="{table}"/></tableParts><extLst><ext {X14} uri="{rule}">'
        '<x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/'
        '2006/main"><x14:cfRule type="expression" priority="1" id="{00000000-0000-4000-8000-000000000009}">'
        "<xm:f>SRM!$A$1&gt;0</xm:f></x14:cfRule><xm:sqref>B2:B3</xm:sqref></x14:conditionalFormatting>"
        f'</x14:conditionalFormattings></ext><ext {X14} uri="{slicers}"><x14:slicerList><x14:slicer r:id="{slicer}"/>'
        "</x14:slicerList></ext></extLst></worksheet>",
        f"{SPREAD}.worksheet+xml",
    )
    return book.link("xl/workbook.xml", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml")


def _drawing(book: _Surgery, sheet: str) -> str:
    """A drawing with a picture and a shape, whose names collide with those that a renderer would choose first."""
    book.put("xl/media/image1.png", PNG)
    image = book.link("xl/drawings/drawing91.xml", "image", "../media/image1.png")
    anchor = (
        "<xdr:from><xdr:col>4</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>5</xdr:row><xdr:rowOff>0</xdr:rowOff>"
        "</xdr:from><xdr:to><xdr:col>6</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>9</xdr:row><xdr:rowOff>0"
        "</xdr:rowOff></xdr:to>"
    )
    form = '<a:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    book.put(
        "xl/drawings/drawing91.xml",
        f'<xdr:wsDr xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main">'
        f'<xdr:twoCellAnchor editAs="oneCell">{anchor}<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="Logo"/>'
        f'<xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip xmlns:r="{OFFICE}" r:embed="{image}"/><a:stretch>'
        f"<a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr>{form}</xdr:spPr></xdr:pic><xdr:clientData/>"
        f'</xdr:twoCellAnchor><xdr:twoCellAnchor>{anchor}<xdr:sp macro="[0]!Run" textlink=""><xdr:nvSpPr>'
        f'<xdr:cNvPr id="3" name="Shape"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr>{form}</xdr:spPr></xdr:sp>'
        "<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    return book.link(sheet, "drawing", "../drawings/drawing91.xml")


def _comments(book: _Surgery, sheet: str) -> str:
    """A threaded comment with its old-style twin; the link of the shape that shows it."""
    thread = "{1A9F0E6D-0000-4000-8000-000000000003}"
    book.put(
        "xl/comments1.xml",
        f'<comments xmlns="{MAIN}"><authors><author>tc={thread}</author></authors><commentList>'
        '<comment ref="B2" authorId="0"><text><t>[Threaded comment] why?</t></text></comment></commentList></comments>',
        f"{SPREAD}.comments+xml",
    )
    book.put(
        "xl/threadedComments/threadedComment1.xml",
        f'<ThreadedComments xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments"><threadedComment ref="B2" '
        f'dT="2023-08-01T00:00:00.00" personId="{{1A9F0E6D-0000-4000-8000-000000000002}}" id="{thread}">'
        "<text>why?</text></threadedComment></ThreadedComments>",
        f"{EXCEL}.threadedcomments+xml",
    )
    book.parts["xl/drawings/vmlDrawing1.vml"] = (
        b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        b'<v:shape id="_x0000_s1025" type="#_x0000_t202"><x:ClientData ObjectType="Note"><x:Row>1</x:Row>'
        b"<x:Column>1</x:Column></x:ClientData></v:shape></xml>"
    )
    book.link(sheet, "comments", "../comments1.xml")
    threads = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    book.link(sheet, threads, "../threadedComments/threadedComment1.xml")
    return book.link(sheet, "vmlDrawing", "../drawings/vmlDrawing1.vml")


def _srm(book: _Surgery) -> None:
    """What a team adds to SRM itself, around the cells of the product."""
    srm = sheet_parts(book.parts)["SRM"]
    guide = book.link(srm, "hyperlink", "file:///S:/plan/guide.docx", "External")
    names = f'{MC} mc:Ignorable="x14ac xr" xmlns:x14ac="{MICROSOFT}/spreadsheetml/2009/9/ac" {XR}'
    book.change(srm, "<worksheet ", f'<worksheet {names} xr:uid="{{00000000-0001-0000-0000-000000000000}}" ')
    if b"<sheetPr" not in book.parts[srm]:
        book.put_before(srm, "dimension", "<sheetPr/>")
    book.change(srm, "<sheetPr", '<sheetPr codeName="SheetSRM"')
    book.change(srm, "<sheetFormatPr ", '<sheetFormatPr x14ac:dyDescent="0.25" ')
    book.change(srm, '<row r="7"', '<row r="7" hidden="1" x14ac:dyDescent="0.25"')
    rule = (
        '<conditionalFormatting sqref="AT6:CC8"><cfRule type="cellIs" dxfId="0" priority="50" operator="lessThan">'
        "<formula>0</formula></cfRule></conditionalFormatting>"
    )
    book.put_before(srm, "conditionalFormatting|dataValidations|hyperlinks|printOptions|pageMargins", rule)
    if b"<hyperlinks" not in book.parts[srm]:
        book.put_before(srm, "printOptions|pageMargins", "<hyperlinks></hyperlinks>")
    book.change(srm, "</hyperlinks>", f'<hyperlink ref="C6" r:id="{guide}"/></hyperlinks>')
    sparkline = (
        "<x14:sparklineGroups xmlns:xm='http://schemas.microsoft.com/office/excel/2006/main'><x14:sparklineGroup>"
        "<x14:sparklines><x14:sparkline><xm:f>SRM!M6:X6</xm:f><xm:sqref>CF6</xm:sqref></x14:sparkline>"
        "</x14:sparklines></x14:sparklineGroup></x14:sparklineGroups>"
    )
    ext = f'<ext {X14} uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}">{sparkline}</ext>'
    book.change(srm, "</worksheet>", f"<extLst>{ext}</extLst></worksheet>")


def _workbook(book: _Surgery, pivot: str) -> None:
    """The workbook's own elements, the team's sheet in front, and styles of the team."""
    workbook = "xl/workbook.xml"
    report = 1 + list(sheet_parts(book.parts)).index("DSR")
    own = book.link(workbook, "worksheet", "/xl/worksheets/team.xml")
    slicer = book.link(workbook, f"{MICROSOFT}/2007/relationships/slicerCache", "slicerCaches/slicerCache1.xml")
    book.put(
        "xl/externalLinks/externalLink1.xml",
        f'<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{OFFICE}" r:id="rId1"><sheetNames>'
        '<sheetName val="Sheet1"/></sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1" t="str">'
        "<v>elsewhere</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>",
        f"{SPREAD}.externalLink+xml",
    )
    other = book.link("xl/externalLinks/externalLink1.xml", "externalLinkPath", "other%20book.xlsx", "External")
    book.change("xl/externalLinks/externalLink1.xml", "rId1", other)
    external = book.link(workbook, "externalLink", "externalLinks/externalLink1.xml")
    names = f'{MC} mc:Ignorable="x15 xr" xmlns:x15="{MICROSOFT}/spreadsheetml/2010/11/main" {XR}'
    book.change(workbook, "<workbook ", f"<workbook {names} ")
    text = book.parts[workbook].decode()
    book.parts[workbook] = re.sub(
        r'localSheetId="(\d+)"', lambda found: f'localSheetId="{int(found[1]) + 1}"', text
    ).encode()
    book.change(
        workbook, "<workbookPr ", '<fileSharing userName="A"/><workbookPr codeName="ThisWorkbook" '
        'filterPrivacy="1" '
    )  # fmt: skip
    book.change(
        workbook, "<bookViews>", '<mc:AlternateContent><mc:Choice Requires="x15"><x15ac:absPath '
        'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac" url="C:\\plans\\"/></mc:Choice>'
        '</mc:AlternateContent><xr:revisionPtr revIDLastSave="0" documentId="8_{1A9F0E6D}"/>'
        '<workbookProtection lockStructure="1"/><bookViews>'
    )  # fmt: skip
    book.change(workbook, "<sheets>", f'<sheets><sheet name="Own" sheetId="99" r:id="{own}"/>')
    book.change(workbook, 'name="Costs"', 'name="Costs" state="veryHidden"')
    book.change(workbook, 'name="Projections"', 'name="Projections" state="hidden"')
    book.change(
        workbook,
        "</sheets>",
        f'</sheets><externalReferences><externalReference r:id="{external}"/></externalReferences>',
    )
    book.change(
        workbook, "<definedNames>", '<definedNames><definedName name="Rates" comment="of the team">Own!$B$2:$B$3'
        '</definedName><definedName name="Local" localSheetId="0" hidden="1">Own!$A$1</definedName>'
        f'<definedName name="Report" localSheetId="{report}">DSR!$A$1</definedName><definedName name="Run" function="1" '
        'vbProcedure="1" xlm="1">"Run"</definedName>'
    )  # fmt: skip
    ext = f'<ext {X14} uri="{{BBE1A952-AA13-448e-AADC-164F8A28A991}}"><x14:slicerCaches><x14:slicerCache r:id="{slicer}"/>'
    book.change(
        workbook, "</workbook>", '<customWorkbookViews><customWorkbookView name="Mine" '
        'guid="{1A9F0E6D-0000-4000-8000-000000000004}" windowWidth="900" windowHeight="700" activeSheetId="1"/>'
        f'</customWorkbookViews><pivotCaches><pivotCache cacheId="7" r:id="{pivot}"/></pivotCaches>'
        f"<extLst>{ext}</x14:slicerCaches></ext></extLst></workbook>"
    )  # fmt: skip
    styles = "xl/styles.xml"
    book.change(
        styles, "</styleSheet>", '<colors><mruColors><color rgb="FF123456"/></mruColors></colors><extLst><ext '
        f'{X14} uri="{{EB79DEF2-80B8-43e5-95BD-54CBDDF9020C}}"><x14:slicerStyles '
        'defaultSlicerStyle="SlicerStyleLight1"/></ext></extLst></styleSheet>'
    )  # fmt: skip
