Attribute VB_Name = "SmileErrors"
' Between cells and Python: values go out, real Excel errors come back and their reasons are kept for SMILE_WHY.
Option Explicit
Option Private Module

Private Const MOST_REASONS As Long = 100000

Private reasons As Collection

' The answer of a sheet function to the values of its arguments.
Public Function SmileAnswer(functionName As String, ParamArray arguments() As Variant) As Variant
    Dim message As Variant, position As Long
    ReDim message(0 To UBound(arguments) + 1)
    message(0) = functionName
    For position = 0 To UBound(arguments)
        If TypeName(arguments(position)) <> "Range" Then
            message(position + 1) = arguments(position)
        ElseIf arguments(position).Areas.Count = 1 Then
            message(position + 1) = Used(arguments(position)).Value2
        Else
            SmileAnswer = Shown(SmileMarker("#VALUE!", "a range has several areas, want one block"))
            Exit Function
        End If
    Next position
    SmileAnswer = Shown(SmileCall(message))
End Function

' A range without the rows below the last one that its sheet uses: a whole column would be a million cells.
Private Function Used(ByVal block As Range) As Range
    Dim last As Long
    Set Used = block
    If block.Row + block.Rows.Count <= block.Worksheet.Rows.Count Then Exit Function
    last = block.Worksheet.UsedRange.Row + block.Worksheet.UsedRange.Rows.Count - 1
    If last < block.Row Then last = block.Row
    Set Used = block.Resize(last - block.Row + 1, block.Columns.Count)
End Function

' Why a cell shows an error; empty where it shows none.
Public Function SmileWhy(cell As Variant) As Variant
    Dim first As Range
    SmileWhy = ""
    If TypeName(cell) <> "Range" Then
        SmileWhy = SmileAnswer("SMILE_WHY", cell)
        Exit Function
    End If
    Set first = cell.Cells(1, 1)
    If Not IsError(first.Value2) Then Exit Function
    SmileWhy = Kept(first)
    If SmileWhy = "" And first.HasArray Then SmileWhy = Kept(first.CurrentArray.Cells(1, 1))
    If SmileWhy = "" Then SmileWhy = SmileAnswer("SMILE_WHY", SmileErrorName(CLng(first.Value2)))
    If IsError(SmileWhy) Then SmileWhy = SmileErrorName(CLng(first.Value2))
End Function

' How Python and this add-in write an error: a character that no cell text starts with, the error, the reason.
Public Function SmileMarker(errorName As String, reason As String) As String
    SmileMarker = Chr(30) & errorName & "|" & reason
End Function

Public Function SmileIsMarker(answer As Variant) As Boolean
    If VarType(answer) = vbString Then SmileIsMarker = (Left(answer, 1) = Chr(30))
End Function

Public Function SmileReason(marker As String) As String
    SmileReason = Mid(marker, InStr(marker, "|") + 1)
End Function

' The number that CVErr takes for a marker or an error's name.
Public Function SmileErrorNumber(marker As String) As Long
    Select Case Replace(Left(marker, InStr(marker & "|", "|") - 1), Chr(30), "")
        Case "#NULL!": SmileErrorNumber = 2000
        Case "#DIV/0!": SmileErrorNumber = 2007
        Case "#REF!": SmileErrorNumber = 2023
        Case "#NAME?": SmileErrorNumber = 2029
        Case "#NUM!": SmileErrorNumber = 2036
        Case "#N/A": SmileErrorNumber = 2042
        Case "#GETTING_DATA": SmileErrorNumber = 2043
        Case "#SPILL!": SmileErrorNumber = 2045
        Case "#CONNECT!": SmileErrorNumber = 2046
        Case "#BLOCKED!": SmileErrorNumber = 2047
        Case "#UNKNOWN!": SmileErrorNumber = 2048
        Case "#FIELD!": SmileErrorNumber = 2049
        Case "#CALC!": SmileErrorNumber = 2050
        Case Else: SmileErrorNumber = 2015
    End Select
End Function

Public Function SmileErrorName(number As Long) As String
    Dim one As Variant
    SmileErrorName = "#VALUE!"
    For Each one In Split("#NULL! #DIV/0! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CONNECT! #BLOCKED! #UNKNOWN! #FIELD! #CALC!")
        If SmileErrorNumber(CStr(one)) = number Then SmileErrorName = one
    Next one
End Function

' An answer as cells show it, markers turned into errors.
Private Function Shown(ByVal answer As Variant) As Variant
    Dim row As Long, column As Long, home As Range
    If TypeName(Application.Caller) = "Range" Then Set home = Application.Caller
    Select Case Axes(answer)
        Case 0
            Shown = ShownCell(answer, home, 0, 0)
            Exit Function
        Case 1
            For column = LBound(answer) To UBound(answer)
                answer(column) = ShownCell(answer(column), home, 0, column - LBound(answer))
            Next column
        Case 2
            For row = LBound(answer, 1) To UBound(answer, 1)
                For column = LBound(answer, 2) To UBound(answer, 2)
                    If VarType(answer(row, column)) = vbString Then
                        answer(row, column) = ShownCell( _
                            answer(row, column), home, row - LBound(answer, 1), column - LBound(answer, 2))
                    End If
                Next column
            Next row
    End Select
    Shown = answer
End Function

Private Function ShownCell(answer As Variant, home As Range, down As Long, across As Long) As Variant
    If Not SmileIsMarker(answer) Then
        ShownCell = answer
        Exit Function
    End If
    If Not home Is Nothing Then Keep home, down, across, SmileReason(CStr(answer))
    ShownCell = CVErr(SmileErrorNumber(CStr(answer)))
End Function

Private Function Axes(answer As Variant) As Long
    Dim extent As Long
    If Not IsArray(answer) Then Exit Function
    Axes = 1
    On Error Resume Next
    extent = UBound(answer, 2)
    If Err.Number = 0 Then Axes = 2
End Function

Private Sub Keep(home As Range, down As Long, across As Long, reason As String)
    If reasons Is Nothing Then Set reasons = New Collection
    If reasons.Count >= MOST_REASONS Then Set reasons = New Collection
    On Error Resume Next
    reasons.Remove Place(home, down, across)
    reasons.Add reason, Place(home, down, across)
End Sub

Private Function Kept(cell As Range) As String
    On Error Resume Next
    Kept = reasons(Place(cell, 0, 0))
End Function

Private Function Place(home As Range, down As Long, across As Long) As String
    Place = Join(Array(home.Worksheet.Parent.Name, home.Worksheet.Name, home.Row + down, home.Column + across), "|")
End Function
