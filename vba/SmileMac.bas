Attribute VB_Name = "SmileMac"
' What Python asks of Excel on a Mac where AppleScript has no word for it: these requests and no others.
Option Explicit
Option Private Module

#If Mac Then
Private Const YES As String = "1"
Private Const REFUSED As String = "!"

' Run a command of the ribbon in a Python of its own, which works on Excel by AppleScript once this macro has ended.
Public Sub SmileStartOnMac(arguments As String)
    Dim name As String, started As String
    If Not ActiveWorkbook Is Nothing Then name = ActiveWorkbook.Name
    On Error GoTo failed
    started = AppleScriptTask("smile_xl.applescript", "smileRun", arguments & vbLf & name)
    If started = "started" Then Exit Sub
failed:
    MsgBox SmileLookup("ribbon", "smile_no_script", IIf(SmileFrench(), 3, 2)), vbExclamation, "SMILE"
End Sub

' Carry out a request; the answer is text, after an exclamation mark why it was not carried out. Nothing for a formula.
Public Function SmileMacDo(request As String, one As String, two As String, three As String, four As String) As String
    If TypeName(Application.Caller) <> "Error" Then Exit Function
    On Error GoTo failed
    Select Case request
        Case "french": If SmileFrench() Then SmileMacDo = YES
        Case "new": SmileMacDo = Workbooks.Add(one).Name
        Case "selection": SmileMacDo = Selected()
        Case "copies objects": If Application.CopyObjectsWithCells Then SmileMacDo = YES
        Case "copy objects": Application.CopyObjectsWithCells = (one = YES)
        Case "go to"
            Workbooks(one).Activate
            Workbooks(one).Worksheets(two).Activate
            Workbooks(one).Worksheets(two).Range(three).Select
        Case "folder": SmileMacDo = Workbooks(one).Path
        Case "identity": SmileMacDo = Workbooks(one).FullName
        Case "hide": Workbooks(one).Windows(1).Visible = False
        Case "seal": Seal Workbooks(one)
        Case "saved": Workbooks(one).Saved = True
        Case "structure": If Workbooks(one).ProtectStructure Then SmileMacDo = YES
        Case "sheets": SmileMacDo = SheetNames(Workbooks(one))
        Case "copy sheets"
            Workbooks(one).Worksheets(Split(two, vbLf)).Copy After:=Workbooks(three).Sheets(Workbooks(three).Sheets.Count)
        Case Else: SmileMacDo = OnSheet(request, Workbooks(one).Worksheets(two), three, four)
    End Select
    Exit Function
failed:
    SmileMacDo = REFUSED & Err.Description
End Function

Private Function OnSheet(request As String, sheet As Worksheet, three As String, four As String) As String
    Select Case request
        Case "protected": If sheet.ProtectContents Then OnSheet = YES
        Case "empty": EmptySheet sheet
        Case "copy cells": sheet.Cells.Copy Destination:=Workbooks(three).Worksheets(four).Cells
        Case "own charts": OwnCharts sheet, three
        Case "fold": sheet.Range(three).OutlineLevel = CLng(four)
        Case "filter": If sheet.AutoFilterMode Then OnSheet = sheet.AutoFilter.Range.Address
        Case "filter by": If Not sheet.AutoFilterMode Then sheet.Range(three).AutoFilter
        Case "errors": OnSheet = ErrorsIn(sheet.Range(three))
        Case "spills": If Spills(sheet.Range(three)) Then OnSheet = YES
        Case "formula": OnSheet = FormulaOf(sheet.Range(three))
        Case Else: Err.Raise vbObjectError + 3, "SMILE", "no request " & request
    End Select
End Function

Private Function Selected() As String
    Dim cells As Range
    If TypeName(Selection) <> "Range" Then Exit Function
    Set cells = Selection
    Selected = Join(Array(cells.Worksheet.Parent.Name, cells.Worksheet.Name, cells.Address, cells.Row, cells.Column), vbTab)
End Function

Private Sub Seal(book As Workbook)
    Dim sheet As Worksheet
    For Each sheet In book.Worksheets
        sheet.EnableCalculation = False
    Next sheet
    book.Saved = True
End Sub

Private Function SheetNames(book As Workbook) As String
    Dim place As Long
    For place = 1 To book.Sheets.Count
        SheetNames = SheetNames & IIf(place = 1, "", vbLf) & book.Sheets(place).Name
    Next place
End Function

Private Sub EmptySheet(sheet As Worksheet)
    Dim place As Long
    For place = sheet.ChartObjects.Count To 1 Step -1
        sheet.ChartObjects(place).Delete
    Next place
    sheet.AutoFilterMode = False
    sheet.Cells.EntireRow.Hidden = False
    sheet.Cells.ClearOutline
    sheet.Cells.Clear
End Sub

' Let charts that came from another workbook, named in brackets, show the cells of their own sheet.
Private Sub OwnCharts(sheet As Worksheet, source As String)
    Dim place As Long, line As Long, chart As Object
    For place = 1 To sheet.ChartObjects.Count
        Set chart = sheet.ChartObjects(place).Chart
        For line = 1 To chart.SeriesCollection.Count
            If InStr(chart.SeriesCollection(line).Formula, source) > 0 Then
                chart.SeriesCollection(line).Formula = Replace(chart.SeriesCollection(line).Formula, source, "")
            End If
        Next line
    Next place
End Sub

' The cells that show errors: row, column, number of the error.
Private Function ErrorsIn(block As Range) As String
    Dim values As Variant, row As Long, column As Long, found As String
    values = block.Value2
    If Not IsArray(values) Then
        If IsError(values) Then ErrorsIn = "1" & vbTab & "1" & vbTab & CLng(values)
        Exit Function
    End If
    For row = 1 To UBound(values, 1)
        For column = 1 To UBound(values, 2)
            If IsError(values(row, column)) Then
                found = found & IIf(found = "", "", vbLf) & row & vbTab & column & vbTab & CLng(values(row, column))
            End If
        Next column
    Next row
    ErrorsIn = found
End Function

' An older Excel knows no spilling, and must compile this module all the same.
Private Function Spills(cells As Object) As Boolean
    On Error Resume Next
    Spills = True
    If cells.HasSpill = False Then Spills = False
    If Err.Number <> 0 Then Spills = False
End Function

' First row, first column, rows and columns of the cells that a formula fills, if several, and the formula.
Private Function FormulaOf(cell As Object) As String
    Dim area As Object
    If Spills(cell) Then
        Set area = cell.SpillParent.SpillingToRange
    ElseIf cell.HasArray Then
        Set area = cell.CurrentArray
    End If
    If area Is Nothing Then
        FormulaOf = Join(Array(0, 0, 0, 0, cell.Formula), vbTab)
    Else
        FormulaOf = Join(Array(area.Row, area.Column, area.Rows.Count, area.Columns.Count, cell.Formula), vbTab)
    End If
End Function
#End If
